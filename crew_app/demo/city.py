"""The city's departments, what can be reported to them, and the crews that answer. Names and codes are Boston's."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

DEPARTMENTS: dict[str, str] = {
    "PWDx": "Public Works Department",
    "BTDT": "Boston Transportation Department",
    "PARK": "Parks and Recreation Department",
    "PROP": "Property Management Department",
    "ISD": "Inspectional Services Department",
    "GEN_": "Mobile Sharps Team",
    "ANML": "Animal Care and Control",
    "BWSC": "Boston Water and Sewer Commission",
}

PUBLIC_WORKS, TRAFFIC = "Public Works Department", "Transportation - Traffic Division"
PARKS, INSPECTION, HOTLINE = "Parks & Recreation Department", "Inspectional Services", "Mayor's 24 Hour Hotline"


def ask(code: str, words: str, *choices: str, required: bool = False) -> dict[str, Any]:
    """A question in GeoReport v2 attribute form: one of some choices, or free text if there are none."""
    return {
        "variable": True,
        "code": code,
        "datatype": "singlevaluelist" if choices else "text",
        "required": required,
        "datatype_description": "",
        "order": 1,
        "description": words,
        "values": [{"key": choice.lower().replace(" ", "_"), "name": choice} for choice in choices],
    }


@dataclass(frozen=True, slots=True)
class DemoService:
    """`share`: how often it is reported; `days`: the service level, None if nothing is promised; `scene`: its pictures."""

    name: str
    department: str
    group: str
    subject: str
    skill: str
    share: int
    days: int | None
    calendar: str = "business"
    scene: str | None = None
    questions: tuple[dict[str, Any], ...] = field(default=())
    is_public: bool = True

    @property
    def code(self) -> str:
        """Boston's own form: subject, reason and type with colons between."""
        return f"{self.subject}:{self.group}:{self.name}"


HIGHWAY = ("PWDx", "Highway Maintenance", PUBLIC_WORKS)
CLEANING = ("PWDx", "Street Cleaning", PUBLIC_WORKS)
SANITATION = ("PWDx", "Sanitation", PUBLIC_WORKS)
CODE = ("PWDx", "Code Enforcement", PUBLIC_WORKS)
LIGHTS = ("PWDx", "Street Lights", PUBLIC_WORKS)
ENFORCEMENT = ("BTDT", "Enforcement & Abandoned Vehicles", TRAFFIC)
SIGNS = ("BTDT", "Signs & Signals", TRAFFIC)
TREES = ("PARK", "Trees", PARKS)
PARK_CARE = ("PARK", "Park Maintenance & Safety", PARKS)
HOUSING = ("ISD", "Housing", INSPECTION)

WHERE_ON_STREET = ask("where", "Where is it?", "Travel lane", "Parking lane", "Crosswalk", "Bike lane")
WHAT_SURFACE = ask("surface", "What is it on?", "Brick or stone", "Wood", "Metal", "Glass", required=True)

SERVICES: tuple[DemoService, ...] = (
    DemoService("Request for Pothole Repair", *HIGHWAY, "asphalt", 62, 1, scene="pothole", questions=(
        WHERE_ON_STREET, ask("size", "How big is it?", "A plate", "A tire", "Bigger"))),
    DemoService("Sidewalk Repair (Make Safe)", *HIGHWAY, "concrete", 30, 1),
    DemoService("Roadway Repair", *HIGHWAY, "asphalt", 12, None, scene="pothole"),
    DemoService("Construction Debris", *HIGHWAY, "asphalt", 6, 3),
    DemoService("Requests for Street Cleaning", *CLEANING, "sweeping", 70, 1, scene="bags"),
    DemoService("Empty Litter Basket", *CLEANING, "litter", 26, 1, scene="basket"),
    DemoService("Pick up Dead Animal", *CLEANING, "sweeping", 16, 1),
    DemoService("PWD Graffiti", "PWDx", "Graffiti", PUBLIC_WORKS, "graffiti", 7, 5, scene="graffiti"),
    DemoService("Missed Trash/Recycling/Yard Waste/Bulk Item", *SANITATION, "collection", 58, 1, scene="bags", questions=(
        ask("what", "What was missed?", "Trash", "Recycling", "Yard waste", "Bulk item", required=True),)),
    DemoService("Schedule a Bulk Item Pickup", *SANITATION, "collection", 36, None, questions=(
        ask("item", "Which item?", required=True),)),
    DemoService("Request for Recycling Cart", *SANITATION, "collection", 14, 15),
    DemoService("CE Collection", *SANITATION, "collection", 34, 1, scene="bags", is_public=False),
    DemoService("Improper Storage of Trash (Barrels)", *CODE, "citations", 58, 2, scene="bags"),
    DemoService("Poor Conditions of Property", *CODE, "citations", 18, 3),
    DemoService("Illegal Dumping", *CODE, "citations", 14, 2, scene="bags"),
    DemoService("Street Light Outages", *LIGHTS, "electric", 34, 10, scene="lamp", questions=(
        ask("how_many", "How many lights are out?", "One", "Two or three", "The whole block"),)),
    DemoService("General Lighting Request", *LIGHTS, "electric", 7, 45, "calendar", scene="lamp"),
    DemoService("Street Light Knock Downs", *LIGHTS, "electric", 4, 60, "calendar"),
    DemoService("Parking Enforcement", *ENFORCEMENT, "citations", 82, 1),
    DemoService("Abandoned Vehicles", *ENFORCEMENT, "citations", 18, 12, questions=(
        ask("plate", "License plate, if it has one"),)),
    DemoService("Sign Repair", *SIGNS, "signs", 26, 10, scene="sign"),
    DemoService("New Sign, Crosswalk or Pavement Marking", *SIGNS, "signs", 12, 30, "calendar"),
    DemoService("Traffic Signal Inspection", *SIGNS, "signals", 18, 1, "calendar"),
    DemoService("Tree Emergencies", *TREES, "trees", 20, 1, "calendar", scene="branch", questions=(
        ask("blocking", "Is it blocking anything?", "Sidewalk", "Street", "Nothing", required=True),)),
    DemoService("Tree Maintenance Requests", *TREES, "trees", 26, 365, "calendar", scene="branch"),
    DemoService("Ground Maintenance", *PARK_CARE, "grounds", 15, 5, scene="basket"),
    DemoService("Parks Lighting/Electrical Issues", *PARK_CARE, "grounds", 5, 7, scene="lamp"),
    DemoService("Graffiti Removal", "PROP", "Graffiti", "Property Management", "graffiti", 30, 45, scene="graffiti",
        questions=(WHAT_SURFACE,)),
    DemoService("Rodent Activity", "ISD", "Environmental Services", INSPECTION, "pests", 30, 30, "calendar"),
    DemoService("Pest Infestation - Residential", *HOUSING, "pests", 8, 120, "calendar"),
    DemoService("Unsatisfactory Living Conditions", *HOUSING, "housing", 14, 120, "calendar"),
    DemoService("Heat - Excessive Insufficient", *HOUSING, "housing", 9, 1, "calendar"),
    DemoService("Work w/out Permit", "ISD", "Building", INSPECTION, "building", 8, 3),
    DemoService("Electrical", "ISD", "Building", INSPECTION, "building", 4, 5),
    DemoService("Needle Pickup", "GEN_", "Needle Program", HOTLINE, "sharps", 30, None),
    DemoService("Animal Generic Request", "ANML", "Animal Issues", "Animal Control", "animals", 9, 5),
    DemoService("Catchbasin", "BWSC", "Catchbasin", "Boston Water & Sewer Commission", "drains", 8, None),
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class DemoCrew:
    """`yard`: latitude, longitude. `platoon`: "day", "night", or "both" where two teams take turns on one truck."""

    code: str
    name: str
    department: str
    skills: tuple[str, ...]
    capacity: int
    yard: tuple[float, float]
    districts: tuple[str, ...] = ()
    platoon: str = "both"


PHONE_CREW, SECOND_PHONE_CREW = "PWD-1C-1", "PRK-T1"
PHONE_CREW_TRADES = ("asphalt", "concrete")

YARDS: dict[str, tuple[float, float]] = {
    "1A": (42.3795, -71.0665), "1B": (42.3640, -71.0600), "1C": (42.3425, -71.0650), "02": (42.3085, -71.1085),
    "03": (42.3135, -71.0600), "04": (42.3560, -71.1350), "05": (42.3360, -71.0480), "06": (42.2840, -71.1500),
    "07": (42.2850, -71.0700), "08": (42.2560, -71.1230), "09": (42.3760, -71.0330), "10A": (42.3370, -71.1010),
    "10B": (42.3260, -71.0830),
}  # fmt: skip


def list_crews() -> tuple[DemoCrew, ...]:
    """All crews; by turns of the day platoon, of the night platoon, and of both, so that any hour has enough of each trade."""
    crews: list[DemoCrew] = []
    turns = ("day", "night", "both")

    def add(code: str, name: str, department: str, skills: tuple[str, ...], yard: str, districts: tuple[str, ...] = ()) -> None:
        count = len(crews)
        platoon = "both" if code in (PHONE_CREW, SECOND_PHONE_CREW) else turns[count % 3]
        capacity = 14 if code == PHONE_CREW else 10 + (count * 3) % 5
        # Crews of one yard do not park on one spot.
        latitude, longitude = YARDS[yard]
        place = (round(latitude + (count % 5 - 2) * 0.0006, 5), round(longitude + (count % 7 - 3) * 0.0006, 5))
        crews.append(DemoCrew(code, name, department, skills, capacity, place, districts, platoon))

    bound = {"1C": ("1C",), "09": ("09", "1A"), "04": ("04", "10A"), "08": ("06", "07", "08")}
    for district in YARDS:
        add(
            f"PWD-{district}-1", f"Highway, district {district}", "PWDx", ("asphalt", "concrete"), district, bound.get(district, ())
        )
    for district in ("03", "07", "10B"):
        add(f"PWD-{district}-2", f"Highway, district {district}, second crew", "PWDx", ("asphalt", "concrete"), district)
    zones = ("1C", "03", "07", "10B", "04", "06")
    for number, yard in enumerate(zones, 1):
        add(f"SAN-{number}", f"Sanitation {number}", "PWDx", ("collection",), yard)
    for number, yard in enumerate(("1B", "03", "10B", "05", "07", "02"), 1):
        add(f"SWP-{number}", f"Street cleaning {number}", "PWDx", ("sweeping", "litter", "graffiti"), yard)
    for number, yard in enumerate(zones, 1):
        add(f"CEN-{number}", f"Code enforcement {number}", "PWDx", ("citations",), yard)
    for number, yard in enumerate(("1C", "03", "04", "07"), 1):
        add(f"LGT-{number}", f"Street lights {number}", "PWDx", ("electric",), yard)
    for number, yard in enumerate(("1B", "1C", "05", "10B", "04", "03"), 1):
        add(f"BTD-E{number}", f"Parking enforcement {number}", "BTDT", ("citations",), yard)
    for number, yard in enumerate(("10B", "03", "1C"), 1):
        add(f"BTD-S{number}", f"Signs and signals {number}", "BTDT", ("signs", "signals"), yard)
    add("BTD-S4", "Signs and signals 4", "BTDT", ("signs", "signals"), "09")
    for number, yard in enumerate(("10A", "07", "02", "04"), 1):
        add(f"PRK-T{number}", f"Tree crew {number}", "PARK", ("trees",), yard)
    for number, yard in enumerate(("10B", "1B"), 1):
        add(f"PRK-G{number}", f"Park grounds {number}", "PARK", ("grounds",), yard)
    for number, yard in enumerate(("1C", "03"), 1):
        add(f"GRF-{number}", f"Graffiti Busters {number}", "PROP", ("graffiti",), yard)
    for number, yard in enumerate(("1C", "07", "10B"), 1):
        add(f"ISD-P{number}", f"Environmental services {number}", "ISD", ("pests", "housing"), yard)
    for number, yard in enumerate(("10B", "1B", "04"), 1):
        add(f"ISD-B{number}", f"Building and housing {number}", "ISD", ("building", "housing"), yard)
    for number, yard in enumerate(("1C", "10B"), 1):
        add(f"SHP-{number}", f"Sharps team {number}", "GEN_", ("sharps",), yard)
    for number, yard in enumerate(("02", "07"), 1):
        add(f"ANM-{number}", f"Animal control {number}", "ANML", ("animals",), yard)
    for number, yard in enumerate(("10B", "05"), 1):
        add(f"BWS-{number}", f"Catch basins {number}", "BWSC", ("drains",), yard)
    return tuple(crews)


CREWS = list_crews()
