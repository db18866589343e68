"""The table of alert codes: IANA-PRINTER-MIB PrtAlertCodeTC with what each asks for (domain.md 4.2).

Columns: code, name, class, minutes or business hours until a call, the call's priority, the class of that
call. A dash means: never a call.
"""

from dataclasses import dataclass
from datetime import timedelta
from typing import Final

from functions.tickets.table.models import AlertClass

_WORDS: Final = """
2     unknown                           TRI   30m  4  TRI
3     coverOpen                         OP    4bh  4  TRI
4     coverClosed                       CLR   -    -  -
5     interlockOpen                     OP    4bh  3  TRI
6     interlockClosed                   CLR   -    -  -
7     configurationChange               CFG   -    -  -
8     jam                               OP    -    -  -
10    subunitLifeAlmostOver             MNT   -    -  -
11    subunitLifeOver                   MNT   0m   3  MNT
16    subunitNearLimit                  MNT   -    -  -
17    subunitAtLimit                    MNT   0m   3  MNT
18    subunitOpened                     OP    -    -  -
19    subunitClosed                     CLR   -    -  -
20    subunitTurnedOn                   INFO  -    -  -
21    subunitTurnedOff                  INFO  -    -  -
22    subunitOffline                    OP    2bh  3  TRI
23    subunitPowerSaver                 INFO  -    -  -
24    subunitWarmingUp                  INFO  20m  4  TRI
25    subunitAdded                      CFG   -    -  -
26    subunitRemoved                    CFG   -    -  -
27    subunitResourceAdded              INFO  -    -  -
28    subunitResourceRemoved            INFO  -    -  -
29    subunitRecoverableFailure         TRI   15m  3  TRI
30    subunitUnrecoverableFailure       TECH  5m   2  TECH
31    subunitRecoverableStorageError    TRI   30m  4  TRI
32    subunitUnrecoverableStorageError  TECH  15m  2  TECH
33    subunitMotorFailure               TECH  5m   2  TECH
34    subunitMemoryExhausted            OP    -    -  -
35    subunitUnderTemperature           TECH  30m  3  TECH
36    subunitOverTemperature            TECH  10m  2  TECH
37    subunitTimingFailure              TECH  15m  2  TECH
38    subunitThermistorFailure          TECH  5m   2  TECH
501   doorOpen                          OP    4bh  4  TRI
502   doorClosed                        CLR   -    -  -
503   powerUp                           INFO  -    -  -
504   powerDown                         INFO  -    -  -
505   printerNMSReset                   INFO  -    -  -
506   printerManualReset                INFO  -    -  -
507   printerReadyToPrint               CLR   -    -  -
801   inputMediaTrayMissing             OP    -    -  -
802   inputMediaSizeChange              OP    -    -  -
803   inputMediaWeightChange            OP    -    -  -
804   inputMediaTypeChange              OP    -    -  -
805   inputMediaColorChange             OP    -    -  -
806   inputMediaFormPartsChange         OP    -    -  -
807   inputMediaSupplyLow               INFO  -    -  -
808   inputMediaSupplyEmpty             OP    -    -  -
809   inputMediaChangeRequest           OP    -    -  -
810   inputManualInputRequest           OP    -    -  -
811   inputTrayPositionFailure          TRI   15m  3  TRI
812   inputTrayElevationFailure         TECH  30m  3  TECH
813   inputCannotFeedSizeSelected       OP    -    -  -
901   outputMediaTrayMissing            OP    -    -  -
902   outputMediaTrayAlmostFull         INFO  -    -  -
903   outputMediaTrayFull               OP    -    -  -
904   outputMailboxSelectFailure        TECH  30m  3  TECH
1001  markerFuserUnderTemperature       TECH  30m  3  TECH
1002  markerFuserOverTemperature        TECH  10m  2  TECH
1003  markerFuserTimingFailure          TECH  15m  2  TECH
1004  markerFuserThermistorFailure      TECH  5m   2  TECH
1005  markerAdjustingPrintQuality       INFO  30m  4  TRI
1101  markerTonerEmpty                  SUP   -    -  -
1102  markerInkEmpty                    SUP   -    -  -
1103  markerPrintRibbonEmpty            SUP   -    -  -
1104  markerTonerAlmostEmpty            SUP   -    -  -
1105  markerInkAlmostEmpty              SUP   -    -  -
1106  markerPrintRibbonAlmostEmpty      SUP   -    -  -
1107  markerWasteTonerReceptacleAlmostFull SUP -   -  -
1108  markerWasteInkReceptacleAlmostFull   SUP -   -  -
1109  markerWasteTonerReceptacleFull    SUP   -    -  -
1110  markerWasteInkReceptacleFull      SUP   -    -  -
1111  markerOpcLifeAlmostOver           MNT   -    -  -
1112  markerOpcLifeOver                 MNT   0m   3  MNT
1113  markerDeveloperAlmostEmpty        MNT   -    -  -
1114  markerDeveloperEmpty              TECH  0m   3  TECH
1115  markerTonerCartridgeMissing       OP    4bh  4  TRI
1301  mediaPathMediaTrayMissing         OP    -    -  -
1302  mediaPathMediaTrayAlmostFull      INFO  -    -  -
1303  mediaPathMediaTrayFull            OP    -    -  -
1304  mediaPathCannotDuplexMediaSelected OP   -    -  -
1501  interpreterMemoryIncrease         CFG   -    -  -
1502  interpreterMemoryDecrease         CFG   0m   4  TRI
1503  interpreterCartridgeAdded         CFG   -    -  -
1504  interpreterCartridgeDeleted       CFG   -    -  -
1505  interpreterResourceAdded          INFO  -    -  -
1506  interpreterResourceDeleted        INFO  -    -  -
1507  interpreterResourceUnavailable    OP    -    -  -
1509  interpreterComplexPageEncountered OP    -    -  -
1801  alertRemovalOfBinaryChangeEntry   CLR   -    -  -
"""


@dataclass(frozen=True, slots=True)
class Delay:
    """How long an alert must stay open before a call: elapsed time, or business time of the site."""

    span: timedelta
    in_business_hours: bool = False


@dataclass(frozen=True, slots=True)
class CodeRule:
    """What a code asks for. ``call_class`` decides the call's type; None: never a call."""

    name: str
    alert_class: AlertClass
    delay: Delay | None = None
    priority: int | None = None
    call_class: AlertClass | None = None


def _delay(word: str) -> Delay | None:
    if word == "-":
        return None
    if word.endswith("bh"):
        return Delay(timedelta(hours=int(word[:-2])), in_business_hours=True)
    return Delay(timedelta(minutes=int(word[:-1])))


def _rule(words: list[str]) -> CodeRule:
    name, alert_class, delay, priority, call_class = words
    return CodeRule(
        name,
        AlertClass(alert_class),
        _delay(delay),
        None if priority == "-" else int(priority),
        None if call_class == "-" else AlertClass(call_class),
    )


CODE_RULES: Final = {int(code): _rule(words) for code, *words in (line.split() for line in _WORDS.strip().splitlines())}

_SIMPLE = AlertClass
GROUP_RULES: Final[dict[int, dict[str, CodeRule]]] = {
    9: {
        "marker": CodeRule("subunitMissing", _SIMPLE.TECH, _delay("15m"), 2, _SIMPLE.TECH),
        "markerSupplies": CodeRule("subunitMissing", _SIMPLE.OP, _delay("4bh"), 4, _SIMPLE.TRI),
        "hostResourcesMIBStorageTable": CodeRule("subunitMissing", _SIMPLE.TRI, _delay("30m"), 4, _SIMPLE.TRI),
        "hostResourcesMIBDeviceTable": CodeRule("subunitMissing", _SIMPLE.TRI, _delay("30m"), 4, _SIMPLE.TRI),
        "": CodeRule("subunitMissing", _SIMPLE.OP),
    },
    12: {
        "input": CodeRule("subunitAlmostEmpty", _SIMPLE.INFO),
        "marker": CodeRule("subunitAlmostEmpty", _SIMPLE.MNT),
        "": CodeRule("subunitAlmostEmpty", _SIMPLE.SUP),
    },
    13: {
        "input": CodeRule("subunitEmpty", _SIMPLE.OP),
        "marker": CodeRule("subunitEmpty", _SIMPLE.TRI, _delay("30m"), 3, _SIMPLE.TRI),
        "": CodeRule("subunitEmpty", _SIMPLE.SUP),
    },
    14: {
        "output": CodeRule("subunitAlmostFull", _SIMPLE.INFO),
        "mediaPath": CodeRule("subunitAlmostFull", _SIMPLE.INFO),
        "marker": CodeRule("subunitAlmostFull", _SIMPLE.MNT),
        "finDevice": CodeRule("subunitAlmostFull", _SIMPLE.OP),
        "hostResourcesMIBStorageTable": CodeRule("subunitAlmostFull", _SIMPLE.TRI, _delay("30m"), 4, _SIMPLE.TRI),
        "hostResourcesMIBDeviceTable": CodeRule("subunitAlmostFull", _SIMPLE.TRI, _delay("30m"), 4, _SIMPLE.TRI),
        "": CodeRule("subunitAlmostFull", _SIMPLE.SUP),
    },
    15: {
        "markerSupplies": CodeRule("subunitFull", _SIMPLE.SUP),
        "markerColorant": CodeRule("subunitFull", _SIMPLE.SUP),
        "marker": CodeRule("subunitFull", _SIMPLE.TRI, _delay("30m"), 3, _SIMPLE.TRI),
        "hostResourcesMIBStorageTable": CodeRule("subunitFull", _SIMPLE.TRI, _delay("30m"), 3, _SIMPLE.TRI),
        "hostResourcesMIBDeviceTable": CodeRule("subunitFull", _SIMPLE.TRI, _delay("30m"), 3, _SIMPLE.TRI),
        "": CodeRule("subunitFull", _SIMPLE.OP),
    },
}
"""Generic codes whose meaning is their group's (domain.md 4.3); the empty name is every other group."""
