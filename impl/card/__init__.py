"""The smart card (UICC): memory, files, USIM, over-the-air security, personalization."""
