"""Terminal responses, what became of a proactive command: ETSI TS 102 223 clause 6.8."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import field
from typing import Annotated, Any, Final, Self

from impl.codec.apdu import LONGEST_COMMAND_DATA
from impl.codec.layout import Place, UInt, in_turn
from impl.codec.object_record import Optional
from impl.codec.proactive import ProactiveCommand
from impl.codec.tlv import (
    ComprehensionTlv,
    comprehension_places,
    decode_comprehension,
    encode_comprehension,
)
from impl.codec.toolkit_forms import CodedString
from impl.codec.toolkit_objects import (
    ToolkitMessage,
    check_source,
    device_object,
    take_object,
)
from impl.codec.toolkit_text import CodedText, TextCoding
from impl.codec.toolkit_values import (
    CommandDetails,
    CommandType,
    Device,
    GeneralResult,
    LocalInformation,
    Result,
    Tag,
)
from impl.errors import UnencodableError

_WHERE: Final = "TerminalResponse"

# The object that answers PROVIDE LOCAL INFORMATION, and whether it must be comprehended, as the
# sequences of TS 102 384 clause 27.22.4.15 have it.
_LOCAL_OBJECTS: Final[dict[int, tuple[Tag, bool]]] = {
    LocalInformation.LOCATION: (Tag.LOCATION_INFORMATION, True),
    LocalInformation.IMEI: (Tag.IMEI, True),
    LocalInformation.NETWORK_MEASUREMENTS: (Tag.NETWORK_MEASUREMENT_RESULTS, True),
    LocalInformation.DATE_AND_TIME: (Tag.DATE_TIME, True),
    LocalInformation.LANGUAGE: (Tag.LANGUAGE, True),
    LocalInformation.TIMING_ADVANCE: (Tag.TIMING_ADVANCE, True),
    LocalInformation.ACCESS_TECHNOLOGY: (Tag.ACCESS_TECHNOLOGY, False),
    LocalInformation.IMEISV: (Tag.IMEISV, True),
    LocalInformation.SEARCH_MODE: (Tag.NETWORK_SEARCH_MODE, True),
}


YES: Final = CodedText("£", TextCoding.UNPACKED)
"""Text that answers yes to GET INKEY: septet 01 (TS 102 223 clause 6.4.2)."""
NO: Final = CodedText("@", TextCoding.UNPACKED)
"""Text that answers no: septet 00."""


class TerminalResponse(ToolkitMessage):
    """Which command it answers, its result, and what the command asked for."""

    number: int
    command_type: int
    qualifier: int
    result: GeneralResult
    additional: bytes = b""
    """Information on the result, such as why the terminal is busy."""
    text: Annotated[str | None, Optional(Tag.TEXT_STRING, CodedString())] = field(
        default=None, repr=False
    )
    """What the user typed, which may be a code; `YES` or `NO`."""
    item: Annotated[int | None, Optional(Tag.ITEM_IDENTIFIER, UInt(1))] = None
    """Identifier of the item that the user chose."""
    local_information: bytes = b""
    """Value of the object that PROVIDE LOCAL INFORMATION asked for."""
    others: tuple[ComprehensionTlv, ...] = ()
    """Objects that this record has no field for: a card does not refuse them."""

    @classmethod
    def to(
        cls, number: int, command: ProactiveCommand, result: GeneralResult, **facts: Any
    ) -> Self:
        """Make the response to `command`, as `decode_proactive` returned it with its number."""
        return cls(number, command.command_type, command.qualifier, result, **facts)

    @classmethod
    def decode(cls, octets: bytes) -> Self:
        """Read the data of a TERMINAL RESPONSE.

        Raises:
            MissingError: no command details, device identities or result.
            MalformedError: a value has no meaning, or the terminal is not its source.
        """
        objects = decode_comprehension(octets, _WHERE)
        value, objects = take_object(objects, Tag.COMMAND_DETAILS, _WHERE)
        details = CommandDetails.decode(value)
        objects = check_source(objects, Device.TERMINAL, _WHERE)
        value, objects = take_object(objects, Tag.RESULT, _WHERE)
        result = Result.decode(value)
        values, others = cls.read_objects(objects)
        local, others = _take_local_information(details, others)
        return cls(
            details.number,
            details.command_type,
            details.qualifier,
            result.general,
            result.additional,
            **values,
            local_information=local,
            others=others,
        )

    def encode(self) -> bytes:
        """Write the data of a TERMINAL RESPONSE.

        Raises:
            UnencodableError: a value does not fit, local information that no such command asked
                for, or over 255 octets.
        """
        details = CommandDetails(
            number=self.number, command_type=self.command_type, qualifier=self.qualifier
        )
        objects = (
            ComprehensionTlv(Tag.COMMAND_DETAILS, details.encode()),
            device_object(Device.TERMINAL, Device.UICC),
            ComprehensionTlv(Tag.RESULT, Result(self.result, self.additional).encode()),
            *self.objects(),
            *self._local_objects(),
            *self.others,
        )
        octets = encode_comprehension(objects)
        if len(octets) > LONGEST_COMMAND_DATA:
            raise UnencodableError(_WHERE, f"{len(octets)} octets exceed {LONGEST_COMMAND_DATA}")
        return octets

    @property
    def is_yes(self) -> bool:
        """Whether the user answered yes to GET INKEY."""
        return self.result.is_performed and self.text == YES

    def _local_objects(self) -> tuple[ComprehensionTlv, ...]:
        if not self.local_information:
            return ()
        row = _local_object(self.command_type, self.qualifier)
        if row is None:
            raise UnencodableError(f"{_WHERE}.local_information", "was not asked for")
        tag, comprehension_required = row
        return (ComprehensionTlv(tag, self.local_information, comprehension_required),)


def response_places(response: TerminalResponse, octets: bytes) -> Iterator[Place]:
    """Yield where the fields of `response`, which `octets` say, stand in them.

    Of the text that is the place of its characters, behind their coding.
    """
    objects = list(comprehension_places(octets))
    firsts = {each.tag: each for each in reversed(objects)}
    details, result = firsts[Tag.COMMAND_DETAILS], firsts[Tag.RESULT]
    yield from in_turn(details.value, number=1, command_type=1, qualifier=1)
    yield "result", result.value, result.value + 1
    yield "additional", result.value + 1, result.end
    if response.text:
        yield "text", firsts[Tag.TEXT_STRING].value + 1, firsts[Tag.TEXT_STRING].end
    row = _local_object(response.command_type, response.qualifier)
    if row is not None and response.local_information:
        yield "local_information", firsts[row[0]].value, firsts[row[0]].end
    yield from response.places(objects)


def _local_object(command_type: int, qualifier: int) -> tuple[Tag, bool] | None:
    if command_type != CommandType.PROVIDE_LOCAL_INFORMATION:
        return None
    return _LOCAL_OBJECTS.get(qualifier)


def _take_local_information(
    details: CommandDetails, objects: tuple[ComprehensionTlv, ...]
) -> tuple[bytes, tuple[ComprehensionTlv, ...]]:
    row = _local_object(details.command_type, details.qualifier)
    if row is None or all(each.tag != row[0] for each in objects):
        return b"", objects
    return take_object(objects, row[0], _WHERE)
