"""Coded values of the card application toolkit: ETSI TS 102 223 clauses 8 and 9, 3GPP TS 31.111.

Tags are those of ETSI TS 101 220 table 7.23.
"""

from __future__ import annotations

from enum import IntEnum, IntFlag
from typing import Annotated, NamedTuple

from impl.codec.layout import U8, Coded, Layout, Rest


class Tag(IntEnum):
    """Data objects, without the comprehension required flag."""

    COMMAND_DETAILS = 0x01
    DEVICE_IDENTITIES = 0x02
    RESULT = 0x03
    DURATION = 0x04
    ALPHA_IDENTIFIER = 0x05
    ADDRESS = 0x06
    SMS_TPDU = 0x0B
    TEXT_STRING = 0x0D
    ITEM = 0x0F
    ITEM_IDENTIFIER = 0x10
    RESPONSE_LENGTH = 0x11
    FILE_LIST = 0x12
    LOCATION_INFORMATION = 0x13
    IMEI = 0x14
    HELP_REQUEST = 0x15
    NETWORK_MEASUREMENT_RESULTS = 0x16
    DEFAULT_TEXT = 0x17
    ITEMS_NEXT_ACTION = 0x18
    EVENT_LIST = 0x19
    LOCATION_STATUS = 0x1B
    ICON_IDENTIFIER = 0x1E
    ITEM_ICON_IDENTIFIERS = 0x1F
    TIMER_IDENTIFIER = 0x24
    TIMER_VALUE = 0x25
    DATE_TIME = 0x26
    IMMEDIATE_RESPONSE = 0x2B
    LANGUAGE = 0x2D
    TIMING_ADVANCE = 0x2E
    AID = 0x2F
    ACCESS_TECHNOLOGY = 0x3F
    TEXT_ATTRIBUTE = 0x50
    ITEM_TEXT_ATTRIBUTES = 0x51
    IMEISV = 0x62
    NETWORK_SEARCH_MODE = 0x65
    ROUTING_AREA = 0x73
    UPDATE_TYPE = 0x74
    REJECTION_CAUSE = 0x75
    TRACKING_AREA = 0x7D


class CommandType(IntEnum):
    """Types of proactive command of this implementation (TS 102 223 clause 9.4)."""

    REFRESH = 0x01
    SET_UP_EVENT_LIST = 0x05
    SEND_SHORT_MESSAGE = 0x13
    DISPLAY_TEXT = 0x21
    GET_INKEY = 0x22
    GET_INPUT = 0x23
    SELECT_ITEM = 0x24
    SET_UP_MENU = 0x25
    PROVIDE_LOCAL_INFORMATION = 0x26
    TIMER_MANAGEMENT = 0x27


class Device(IntEnum):
    """Who speaks to whom (TS 102 223 clause 8.7)."""

    KEYPAD = 0x01
    DISPLAY = 0x02
    UICC = 0x81
    TERMINAL = 0x82
    NETWORK = 0x83


class ToolkitEvent(IntEnum):
    """Events that a card can ask to be told of (TS 102 223 clause 8.25)."""

    MT_CALL = 0x00
    CALL_CONNECTED = 0x01
    CALL_DISCONNECTED = 0x02
    LOCATION_STATUS = 0x03
    USER_ACTIVITY = 0x04
    IDLE_SCREEN_AVAILABLE = 0x05
    CARD_READER_STATUS = 0x06
    LANGUAGE_SELECTION = 0x07
    BROWSER_TERMINATION = 0x08
    DATA_AVAILABLE = 0x09
    CHANNEL_STATUS = 0x0A
    ACCESS_TECHNOLOGY_CHANGE = 0x0B
    DISPLAY_PARAMETERS_CHANGED = 0x0C
    LOCAL_CONNECTION = 0x0D
    NETWORK_SEARCH_MODE_CHANGE = 0x0E
    BROWSING_STATUS = 0x0F
    FRAMES_INFORMATION_CHANGE = 0x10
    WLAN_ACCESS_STATUS = 0x11
    NETWORK_REJECTION = 0x12
    HCI_CONNECTIVITY = 0x13
    ACCESS_TECHNOLOGIES_CHANGE = 0x14
    CSG_CELL_SELECTION = 0x15
    CONTACTLESS_STATE_REQUEST = 0x16
    IMS_REGISTRATION = 0x17
    INCOMING_IMS_DATA = 0x18
    PROFILE_CONTAINER = 0x19
    SECURED_PROFILE_CONTAINER = 0x1B
    POLL_INTERVAL_NEGOTIATION = 0x1C
    DATA_CONNECTION_STATUS_CHANGE = 0x1D


class GeneralResult(IntEnum):
    """What became of a proactive command (TS 102 223 and TS 31.111 clause 8.12)."""

    OK = 0x00
    PARTIAL_COMPREHENSION = 0x01
    MISSING_INFORMATION = 0x02
    ADDITIONAL_FILES_READ = 0x03
    ICON_NOT_DISPLAYED = 0x04
    MODIFIED_BY_CALL_CONTROL = 0x05
    LIMITED_SERVICE = 0x06
    PERFORMED_WITH_MODIFICATION = 0x07
    APPLICATION_NOT_ACTIVE = 0x08
    TONE_NOT_PLAYED = 0x09
    ENDED_BY_USER = 0x10
    BACKWARD_MOVE = 0x11
    NO_RESPONSE = 0x12
    HELP_REQUIRED = 0x13
    TRANSACTION_ENDED_BY_USER = 0x14
    TERMINAL_UNABLE = 0x20  # for now: the additional information says why
    NETWORK_UNABLE = 0x21
    REFUSED_BY_USER = 0x22
    CALL_CLEARED_BY_USER = 0x23
    TIMER_CONTRADICTION = 0x24
    CALL_CONTROL_TEMPORARY = 0x25
    BROWSER_ERROR = 0x26
    MMS_TEMPORARY = 0x27
    BEYOND_CAPABILITIES = 0x30
    TYPE_NOT_UNDERSTOOD = 0x31
    DATA_NOT_UNDERSTOOD = 0x32
    NUMBER_NOT_KNOWN = 0x33
    SS_RETURN_ERROR = 0x34
    SMS_RP_ERROR = 0x35
    VALUES_MISSING = 0x36
    USSD_RETURN_ERROR = 0x37
    MULTIPLE_CARD_ERROR = 0x38
    CALL_CONTROL_PERMANENT = 0x39
    BEARER_ERROR = 0x3A
    ACCESS_TECHNOLOGY_ERROR = 0x3B
    FRAMES_ERROR = 0x3C
    MMS_ERROR = 0x3D

    @property
    def is_performed(self) -> bool:
        """Whether the terminal carried the command out (0X); 1X is the user's way out of it."""
        return self < 0x10

    @property
    def is_temporary(self) -> bool:
        """Whether the same command may be worth another attempt (2X)."""
        return 0x20 <= self < 0x30


class TerminalProblem(IntEnum):
    """Additional information of TERMINAL_UNABLE (TS 102 223 clause 8.12.2)."""

    UNSPECIFIED = 0x00
    SCREEN_BUSY = 0x01
    BUSY_ON_CALL = 0x02
    NO_SERVICE = 0x04
    ACCESS_CLASS_BARRED = 0x05
    NO_RADIO_RESOURCE = 0x06


class DisplayTextFlag(IntFlag):
    """Qualifier of DISPLAY TEXT (TS 102 223 clause 8.6)."""

    HIGH_PRIORITY = 0x01
    WAIT_FOR_USER = 0x80  # else cleared after a delay


class GetInkeyFlag(IntFlag):
    """Qualifier of GET INKEY; no flag asks for a digit, `*` or `#`."""

    ANY_CHARACTER = 0x01
    UCS2 = 0x02
    YES_NO = 0x04  # answered with text 01 or 00
    IMMEDIATE = 0x08
    HELP = 0x80


class GetInputFlag(IntFlag):
    """Qualifier of GET INPUT; no flag asks for digits, `*` and `#`, shown as they are typed."""

    ANY_CHARACTER = 0x01
    UCS2 = 0x02
    HIDDEN = 0x04
    PACKED = 0x08
    HELP = 0x80


class MenuFlag(IntFlag):
    """Qualifier of SET UP MENU."""

    SOFT_KEY = 0x01
    HELP = 0x80


class SelectItemFlag(IntFlag):
    """Qualifier of SELECT ITEM."""

    PRESENTATION_SPECIFIED = 0x01
    NAVIGATION = 0x02  # with PRESENTATION_SPECIFIED; else a choice of data values
    SOFT_KEY = 0x04
    HELP = 0x80


class SendShortMessageFlag(IntFlag):
    """Qualifier of SEND SHORT MESSAGE (TS 31.111 clause 8.6)."""

    PACKING_REQUIRED = 0x01


class RefreshMode(IntEnum):
    """Qualifier of REFRESH. NAA is the network access application: the USIM."""

    INIT_AND_FULL_FILE_CHANGE = 0x00
    FILE_CHANGE = 0x01
    INIT_AND_FILE_CHANGE = 0x02
    INIT = 0x03
    UICC_RESET = 0x04
    APPLICATION_RESET = 0x05
    SESSION_RESET = 0x06
    STEERING_OF_ROAMING = 0x07
    WLAN_STEERING_OF_ROAMING = 0x08
    EUICC_PROFILE_STATE_CHANGE = 0x09
    APPLICATION_UPDATE = 0x0A


class LocalInformation(IntEnum):
    """Qualifier of PROVIDE LOCAL INFORMATION."""

    LOCATION = 0x00
    IMEI = 0x01
    NETWORK_MEASUREMENTS = 0x02
    DATE_AND_TIME = 0x03
    LANGUAGE = 0x04
    TIMING_ADVANCE = 0x05
    ACCESS_TECHNOLOGY = 0x06
    ESN = 0x07
    IMEISV = 0x08
    SEARCH_MODE = 0x09
    BATTERY = 0x0A
    MEID = 0x0B
    WLAN_SPECIFIC = 0x0C
    BROADCAST_NETWORK = 0x0D
    ACCESS_TECHNOLOGIES = 0x0E
    LOCATIONS = 0x0F
    NETWORK_MEASUREMENTS_MULTIPLE = 0x10


class TimerAction(IntEnum):
    """Qualifier of TIMER MANAGEMENT."""

    START = 0x00
    DEACTIVATE = 0x01
    CURRENT_VALUE = 0x02


class LocationStatus(IntEnum):
    """Service of the terminal (TS 102 223 clause 8.27)."""

    NORMAL = 0x00
    LIMITED = 0x01
    NO_SERVICE = 0x02


class AccessTechnology(IntEnum):
    """TS 102 223 clause 8.61."""

    GSM = 0x00
    TIA_EIA_553 = 0x01
    TIA_EIA_136 = 0x02
    UTRAN = 0x03
    TETRA = 0x04
    TIA_EIA_95_B = 0x05
    CDMA2000_1X = 0x06
    CDMA2000_HRPD = 0x07
    EUTRAN = 0x08
    EHRPD = 0x09
    NR = 0x0A


class UpdateType(IntEnum):
    """What the network rejected (TS 31.111 clause 8.92)."""

    NORMAL_LOCATION_UPDATING = 0x00
    PERIODIC_UPDATING = 0x01
    IMSI_ATTACH = 0x02
    GPRS_ATTACH = 0x03
    COMBINED_GPRS_IMSI_ATTACH = 0x04
    RA_UPDATING = 0x05
    COMBINED_RA_LA_UPDATING = 0x06
    COMBINED_RA_LA_UPDATING_WITH_IMSI_ATTACH = 0x07
    PERIODIC_RA_UPDATING = 0x08
    EPS_ATTACH = 0x09
    COMBINED_EPS_IMSI_ATTACH = 0x0A
    TA_UPDATING = 0x0B
    COMBINED_TA_LA_UPDATING = 0x0C
    COMBINED_TA_LA_UPDATING_WITH_IMSI_ATTACH = 0x0D
    PERIODIC_TA_UPDATING = 0x0E
    INITIAL_REGISTRATION = 0x0F
    MOBILITY_REGISTRATION_UPDATING = 0x10
    PERIODIC_REGISTRATION_UPDATING = 0x11


class CommandDetails(Layout):
    """TS 102 223 clause 8.6."""

    number: U8  # 1 to FE, chosen by the card, repeated in the terminal response
    command_type: U8
    qualifier: U8


class DeviceIdentities(Layout):
    """TS 102 223 clause 8.7."""

    source: U8
    destination: U8


class Icon(Layout):
    """TS 102 223 clause 8.31."""

    qualifier: U8  # 0 the icon says all, 1 it goes with the text
    identifier: U8  # record of EF.IMG


class ResponseLength(Layout):
    """TS 102 223 clause 8.11, in characters."""

    minimum: U8
    maximum: U8  # FF: no limit


class Duration(Layout):
    """TS 102 223 clause 8.8."""

    unit: U8  # 0 minutes, 1 seconds, 2 tenths of a second
    interval: U8

    @property
    def seconds(self) -> float:
        """The time in seconds; a unit that is not defined counts as tenths."""
        return self.interval * {0: 60.0, 1: 1.0}.get(self.unit, 0.1)


class Result(Layout):
    """TS 102 223 clause 8.12."""

    general: Annotated[GeneralResult, Coded(GeneralResult)]
    additional: Annotated[bytes, Rest()]


class Item(NamedTuple):
    """What the user can choose (TS 102 223 clause 8.9)."""

    identifier: int
    """1 to 255."""
    text: str
