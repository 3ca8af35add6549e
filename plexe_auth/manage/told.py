"""How values look that a schema can only describe: enough to write good ones by; what is accepted, the services say."""

from collections.abc import Mapping
from typing import Any

_PART = r"(\*|[a-z0-9][a-z0-9_.\-]{0,63})"
_GRANT = rf"(read|write|{_PART}:{_PART})"
GRANT = f"^{_GRANT}$"
GRANTS = f"^({_GRANT}( {_GRANT}){{0,199}})?$"

# Every store keeps every text but this one character.
TEXT = r"^[^\u0000]*$"

_OCTET = "(25[0-5]|2[0-4][0-9]|1[0-9]{2}|[1-9][0-9]|[0-9])"
_GROUP = "[1-9a-f][0-9a-f]{0,3}"
_BLOCKS = (
    rf"{_OCTET}\.0\.0\.0/8",
    rf"({_OCTET}\.){{2}}0\.0/16",
    rf"({_OCTET}\.){{3}}0/24",
    rf"({_OCTET}\.){{3}}{_OCTET}/32",
    rf"({_GROUP}:){{3}}:/48",
    rf"({_GROUP}:){{4}}:/64",
)
NETWORK: Mapping[str, Any] = {
    "anyOf": [{"format": "ipv4"}, {"format": "ipv6"}, {"pattern": f"^({'|'.join(_BLOCKS)})$"}]
}

_UNITS = ("[0-9]{0,8} ?second", "[0-9]{0,6} ?minute", "[0-9]{0,4} ?hour", "[0-9]{0,3} ?day", "[0-9]?[0-9]? ?month")
_UNIT = "|".join(f"([1-9]{unit}|{unit.rpartition(' ?')[2]})" for unit in _UNITS)
_WINDOW = f"[1-9][0-9]{{0,8}}(/| per )({_UNIT}|year)s?"
RATE: Mapping[str, Any] = {"pattern": f"^{_WINDOW}([,;|] ?{_WINDOW}){{0,3}}$"}

KEY_CURSOR: Mapping[str, Any] = {"pattern": "^[0-9]{1,18}\\.key_[0-9A-Za-z]{22}$"}
ENTRY_CURSOR: Mapping[str, Any] = {"pattern": "^[0-9]{1,18}\\.[0-9]{1,18}$"}

# JSON in which every number and every text can be kept exactly. One schema and not one for each kind: what makes wrong
# values up by turning one kind into another would take some that are right for wrong.
_VALUE = "#/components/schemas/Value"
_WITHIN: Mapping[str, Any] = {"propertyNames": {"pattern": TEXT}, "additionalProperties": {"$ref": _VALUE}}
VALUE: Mapping[str, Any] = {
    "type": ["null", "boolean", "string", "number", "array", "object"],
    "pattern": TEXT,
    "minimum": -(2**63),
    "maximum": 2**63 - 1,
    "items": {"$ref": _VALUE},
    **_WITHIN,
}
METADATA: Mapping[str, Any] = {"type": ["object", "null"], **_WITHIN}
COMPONENTS: Mapping[str, Any] = {"Value": VALUE}
