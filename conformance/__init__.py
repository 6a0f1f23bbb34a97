"""What a run showed: verdicts and evidence, the report and its renderings.

It knows obligations, cases, verdicts and messages as plain data, and nothing of telecom: any
specification whose obligations and features are tagged alike can be reported with it.
"""
