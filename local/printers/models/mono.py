"""Black-and-white laser printers: units, special levels, and one of each common trouble."""

from local.printers import alerts
from local.printers.device import SHEETS, PrinterModel, Purpose, Tray
from local.printers.rows import text
from local.printers.supplies import FUSER, IMPRESSIONS, OPC, RECEPTACLE, TONER, UNKNOWN, WASTE_TONER, Supply

_BROTHER_SERIAL = (1, 3, 6, 1, 4, 1, 2435, 2, 3, 9, 4, 2, 1, 5, 5, 1, 0)
_BROTHER_IEEE_1284_ID = (1, 3, 6, 1, 4, 1, 2435, 2, 3, 9, 1, 1, 7, 0)

HP_M500 = PrinterModel(
    manufacturer="HP",
    model="LaserJet Demo M500",
    enterprise=(11, 2, 3, 9, 1),
    sys_descr="HP ETHERNET MULTI-ENVIRONMENT,ROM none,JETDIRECT,DEMO",
    device_descr="HP LaserJet Demo M500",
    serial="DEMOHP0001",
    mac="02:00:5e:10:00:01",
    life_count=48_210,
    pages_per_day=240,
    supplies=(
        Supply(
            index=1,
            name="Black Cartridge",
            percent=62,
            yield_pages=6_000,
            colorant=1,
            part_number="DM500X",
            serial="DHP48210A",
        ),
        Supply(index=2, name="Maintenance Kit", supply_type=FUSER, percent=81, yield_pages=225_000),
    ),
    trays=(Tray(name="Tray 1", capacity=100, level=0), Tray(name="Tray 2", level=410)),
    location="Accounts, 2nd floor",
    purpose=Purpose.SUPPLIES_ORDER,
)

KYOCERA_P3000 = PrinterModel(
    manufacturer="Kyocera",
    model="ECOSYS Demo P3000dn",
    enterprise=(1347, 41),
    sys_descr="KYOCERA Document Solutions Printing System",
    device_descr="ECOSYS Demo P3000dn",
    serial="DEMOKY0002",
    mac="02:00:5e:10:00:02",
    life_count=76_432,
    pages_per_day=90,
    supplies=(
        Supply(
            index=1,
            name="Black Toner",
            supply_type=TONER,
            unit=IMPRESSIONS,
            capacity=12_500,
            percent=71,
            yield_pages=12_500,
            colorant=1,
            part_number="TK-D3000",
            serial="DKY7611B",
        ),
        Supply(
            index=2,
            name="Waste Toner Box",
            supply_type=WASTE_TONER,
            supply_class=RECEPTACLE,
            unit=IMPRESSIONS,
            capacity=UNKNOWN,
            percent=None,
        ),
        Supply(index=3, name="Fuser Unit", supply_type=FUSER, percent=55, yield_pages=300_000),
    ),
    location="Reception",
    purpose=Purpose.FUSER_FAILURE,
)

LEXMARK_MX700 = PrinterModel(
    manufacturer="Lexmark",
    model="MX Demo 700",
    enterprise=(641, 2),
    sys_descr="Lexmark MX Demo 700 version DM.1.0 kernel 4 All-N-1",
    device_descr="Lexmark MX Demo 700",
    serial="DEMOLX0003",
    mac="02:00:5e:10:00:03",
    life_count=69_880,
    counter_unit=SHEETS,
    pages_per_day=95,
    supplies=(
        Supply(
            index=1,
            name="Black Toner",
            supply_type=TONER,
            unit=IMPRESSIONS,
            capacity=25_000,
            # Low: from here on it tells no number. It does not wear, so that it stays the quirk it is.
            percent=9,
            some_below_percent=10,
            low_percent=5,
            colorant=1,
            part_number="DX700",
            serial="DLX0933",
        ),
        Supply(index=2, name="Imaging Unit", supply_type=OPC, unit=IMPRESSIONS, capacity=100_000, percent=44),
    ),
    # Asleep: hrPrinterStatus other(1) and a notice in the alert table, both without any fault.
    printer_status=1,
    alerts=(
        alerts.Alert(
            severity=alerts.WARNING_BINARY,
            training=alerts.NO_INTERVENTION,
            group=alerts.GROUP_GENERAL,
            group_index=1,
            code=alerts.POWER_SAVER,
            description="Sleep mode",
        ),
    ),
    location="Copy room",
)

CANON_LBP670 = PrinterModel(
    manufacturer="Canon",
    model="LBP Demo 670",
    enterprise=(1602, 4, 7),
    sys_descr="Canon LBP Demo 670 /P",
    device_descr="Canon LBP Demo 670",
    serial="DEMOCA0004",
    mac="02:00:5e:10:00:04",
    life_count=12_077,
    pages_per_day=40,
    # Percent as the unit, and no capacity to go with it.
    supplies=(
        Supply(index=1, name="Cartridge D70 Black", capacity=UNKNOWN, percent=37, yield_pages=9_000, colorant=1),
    ),
    location="Workshop",
)

BROTHER_L6400 = PrinterModel(
    manufacturer="Brother",
    model="HL Demo L6400",
    enterprise=(2435, 2, 3, 9, 1),
    sys_descr="Brother NC-DEMO, Firmware Ver.1.02",
    device_descr="Brother HL Demo L6400",
    serial="DEMOBR0005",
    mac="02:00:5e:10:00:05",
    life_count=31_950,
    pages_per_day=120,
    # Says only that there is some: neither capacity nor amount.
    supplies=(
        Supply(index=1, name="Black Toner Cartridge", capacity=UNKNOWN, percent=None, colorant=1),
        Supply(index=2, name="Drum Unit", supply_type=OPC, unit=IMPRESSIONS, capacity=50_000, percent=58),
    ),
    alerts=(
        alerts.Alert(
            severity=alerts.CRITICAL,
            training=alerts.UNTRAINED,
            group=alerts.GROUP_MEDIA_PATH,
            group_index=1,
            code=alerts.JAM,
            description="Jam Inside",
            location=2,
        ),
    ),
    vendor_rows={
        _BROTHER_SERIAL: text("DEMOBR0005"),
        _BROTHER_IEEE_1284_ID: text("MFG:Brother;CMD:PJL,PCL;MDL:HL Demo L6400;CLS:PRINTER;"),
    },
    location="Warehouse",
)

CANON_IR_2006 = PrinterModel(
    manufacturer="Canon",
    model="iR Demo 2006 Legacy",
    enterprise=(1602, 4, 7),
    sys_descr="Canon iR Demo 2006 Legacy /P",
    device_descr="Canon iR Demo 2006 Legacy",
    serial="DEMOCA0013",
    mac="02:00:5e:10:00:0d",
    life_count=203_114,
    pages_per_day=20,
    supplies=(Supply(index=1, name="Toner Black", supply_type=TONER, percent=50, yield_pages=8_000, colorant=1),),
    in_programme=False,
    location="Archive",
)

KYOCERA_9003 = PrinterModel(
    manufacturer="Kyocera",
    model="TASKalfa Demo 9003i",
    enterprise=(1347, 41),
    sys_descr="KYOCERA Document Solutions Printing System",
    device_descr="TASKalfa Demo 9003i",
    serial="DEMOKY0012",
    mac="02:00:5e:10:00:0c",
    # More pages than the programme accepts of any model.
    life_count=912_000,
    pages_per_day=900,
    supplies=(
        Supply(
            index=1,
            name="Black Toner",
            supply_type=TONER,
            unit=IMPRESSIONS,
            capacity=70_000,
            percent=64,
            yield_pages=70_000,
            step=3_500,
            colorant=1,
        ),
    ),
    location="Print shop",
)

SILENT = PrinterModel(
    manufacturer="HP",
    model="LaserJet Demo 1020",
    enterprise=(11, 2, 3, 9, 1),
    sys_descr="HP ETHERNET MULTI-ENVIRONMENT",
    device_descr="HP LaserJet Demo 1020",
    serial="DEMOHP0014",
    mac="02:00:5e:10:00:0e",
    life_count=1,
    silent=True,
    location="In a cupboard, switched off",
)
