"""What Boston's open data takes for granted: its departments, its promises, its holidays.

Worked out from published rows of 2015 to 2024 (tests/crew_app/test_service_level_real.py counts how many agree); the
import gives a service it does not know yet the promise that stands here, and whoever makes a city to try can, too.
"""

from __future__ import annotations

from datetime import date, timedelta

DEPARTMENTS: dict[str, str] = {
    "PWDx": "Public Works Department",
    "BTDT": "Transportation Department",
    "ISD": "Inspectional Services",
    "PARK": "Parks & Recreation Department",
    "PROP": "Property Management",
    "INFO": "Boston 311",
    "GEN_": "Mayor's 24 Hour Hotline",
    "BWSC": "Boston Water & Sewer Commission",
    "ANML": "Animal Control",
    "DISB": "Disability Department",
    "DND_": "Neighborhood Development",
    "BPS_": "Boston Public Schools",
    "BHA_": "Boston Housing Authority",
}

# (calendar, days): the services. A service named nowhere here promises nothing: needles, bulk items, noise, animals ...
_PROMISES: dict[tuple[str, int], tuple[str, ...]] = {
    ("business", 1): (
        "CE Collection", "Empty Litter Basket", "Illegal Dumping", "Illegal Posting of Signs", "Major System Failure",
        "Missed Trash/Recycling/Yard Waste/Bulk Item", "Parking Enforcement", "Pick up Dead Animal",
        "Request for Pothole Repair", "Requests for Street Cleaning", "Sidewalk Repair (Make Safe)", "Sticker Request",
        "Street Light Knock Downs", "Tree Emergencies",
    ),
    ("business", 2): (
        "Construction Debris", "Food Alert - Confirmed", "Food Alert - Unconfirmed", "Improper Storage of Trash (Barrels)",
        "Overflowing or Un-kept Dumpster", "Request for Snow Plowing", "Unsanitary Conditions - Employees",
        "Unsanitary Conditions - Establishment", "Unsanitary Conditions - Food", "Utility Call-In",
    ),
    ("business", 3): (
        "Building Inspection Request", "Contractor Complaints", "Illegal Auto Body Shop", "No-Tow Complaint Confirmation",
        "Parking on Front/Back Yards (Illegal Parking)", "Poor Conditions of Property", "Work Hours-Loud Noise Complaints",
    ),
    ("business", 5): (
        "Abandoned Building", "Cemetery Maintenance Request", "Electrical", "Equipment Repair", "Exceeding Terms of Permit",
        "Ground Maintenance", "Illegal Occupancy", "Illegal Vending", "Maintenance - Homeowner", "Mechanical",
        "Park Maintenance Requests", "Plumbing", "Protection of Adjoining Property", "PWD Graffiti", "Recycling Cart Return",
        "Request for Litter Basket Installation", "Zoning",
    ),
    ("business", 7): ("Parks Lighting/Electrical Issues",),
    ("business", 10): (
        "General Comments For a Program or Policy", "Missing Sign", "Parking Meter Repairs", "Sign Repair", "Sign Shop WO",
        "Street Light Outages", "StreetLight Pole WO",
    ),
    ("business", 12): ("Abandoned Vehicles",),
    ("business", 15): ("Request for Recycling Cart",),
    ("business", 30): ("Short Term Rental",),
    ("business", 45): ("Graffiti Removal",),
    ("calendar", 1): ("Traffic Signal Inspection", "Unsafe Dangerous Conditions"),
    ("calendar", 2): ("Unshoveled Sidewalk", "Work w/out Permit"),
    ("calendar", 30): (
        "Heat - Excessive Insufficient", "New Sign Crosswalk or Pavement Marking", "Rodent Activity", "Trash on Vacant Lot",
    ),
    ("calendar", 40): ("Requests for Traffic Signal Studies or Reviews",),
    ("calendar", 45): ("General Lighting Request",),
    ("calendar", 60): ("Knockdown Replacement",),
    ("calendar", 90): (
        "Breathe Easy", "Chronic Dampness/Mold", "Cross Metering - Sub-Metering", "Maintenance Complaint - Residential",
        "Unsatisfactory Utilities - Electrical Plumbing",
    ),
    ("calendar", 120): (
        "Bed Bugs", "Lead", "Mice Infestation - Residential", "Pest Infestation - Residential",
        "Unsatisfactory Living Conditions",
    ),
    ("calendar", 180): ("Squalid Living Conditions",),
    ("calendar", 365): (
        "New Tree Requests", "Sidewalk Repair", "Sidewalk Repair (Internal)", "Tree Maintenance Requests",
    ),
    ("calendar", 720): ("Contractors Complaint", "Working Beyond Hours"),
}  # fmt: skip


def plain_name(name: str) -> str:
    """A name as it is compared: Boston writes one service with one space or two, with / or \\, in any case."""
    return " ".join(name.replace("\\", "/").split()).casefold()


# plain name of a service -> (days, "business" or "calendar")
KNOWN_TARGETS: dict[str, tuple[int, str]] = {
    plain_name(name): (days, calendar) for (calendar, days), names in _PROMISES.items() for name in names
}

# In these years the city's clock ran through every holiday but Christmas: its table had not been filled in.
YEARS_WITHOUT_HOLIDAYS = (2018, 2022)


def holidays(year: int) -> frozenset[date]:
    """The days on which Boston's business clock stood still in a year, as its targets of 2015 to 2024 show.

    One that falls on a Sunday is kept on Monday; one on a Saturday is not moved, but for Veterans Day. Suffolk County's
    own days (17 March, 17 June) and the day after Thanksgiving never stopped the clock.
    """
    fixed = [date(year, 1, 1), date(year, 7, 4), date(year, 11, 11), date(year, 12, 25)]
    if year >= 2023:
        fixed.append(date(year, 6, 19))
    days = [day + timedelta(days=1) if day.weekday() == 6 else day for day in fixed]
    if date(year, 11, 11).weekday() == 5:
        days.append(date(year, 11, 10))
    mondays = [(1, 3), (2, 3), (4, 3), (9, 1), (10, 2)]
    days += [_nth(year, month, 0, n) for month, n in mondays]
    days += [_nth(year, 6, 0, 1) - timedelta(days=7), _nth(year, 11, 3, 4)]  # last Monday of May; Thanksgiving
    return frozenset(days)


def _nth(year: int, month: int, weekday: int, n: int) -> date:
    """The n-th such weekday (Monday is 0) of a month."""
    first = date(year, month, 1)
    return first + timedelta(days=(weekday - first.weekday()) % 7 + 7 * (n - 1))
