"""Public Works districts, drawn by hand for the demo: like Boston's in place and size, not the city's own lines.

Neighbours share their corners by name, so no ground is claimed twice and none between them is left out. The harbour's
islands are left to the harbour.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

# Longitude, latitude.
CORNERS: dict[str, tuple[float, float]] = {
    # Charlestown
    "assembly": (-71.0760, 42.3900), "sullivan_west": (-71.0812, 42.3822), "inner_belt": (-71.0735, 42.3730),
    "charles_locks": (-71.0625, 42.3695), "navy_yard_south": (-71.0520, 42.3715), "navy_yard_east": (-71.0480, 42.3785),
    "little_mystic": (-71.0490, 42.3835), "mystic_bank": (-71.0670, 42.3860),
    # North End, West End, downtown
    "science_park": (-71.0705, 42.3680), "longfellow": (-71.0738, 42.3620), "arlington_river": (-71.0755, 42.3568),
    "common_corner": (-71.0700, 42.3552), "granary": (-71.0612, 42.3578), "milk_atlantic": (-71.0505, 42.3590),
    "battery_wharf": (-71.0495, 42.3680),
    # South End, Back Bay, Chinatown
    "mass_ave_river": (-71.0905, 42.3515), "mass_ave_columbus": (-71.0838, 42.3415), "newmarket": (-71.0672, 42.3270),
    "andrew": (-71.0618, 42.3302), "south_bay": (-71.0655, 42.3362), "broadway_bridge": (-71.0600, 42.3455),
    "fort_point": (-71.0500, 42.3550),
    # South Boston
    "fan_pier": (-71.0440, 42.3552), "dry_dock": (-71.0260, 42.3475), "reserved_channel": (-71.0225, 42.3430),
    "castle_island": (-71.0105, 42.3390), "pleasure_bay": (-71.0125, 42.3320), "carson_beach": (-71.0380, 42.3290),
    "bayside": (-71.0470, 42.3285), "jfk_umass": (-71.0485, 42.3215), "columbia_road": (-71.0530, 42.3220),
    # Dorchester
    "columbia_point": (-71.0330, 42.3160), "harbor_walk": (-71.0375, 42.3105), "savin_hill": (-71.0455, 42.3110),
    "malibu_beach": (-71.0480, 42.3040), "fields_corner_south": (-71.0600, 42.2990), "melville": (-71.0700, 42.2955),
    "franklin_field": (-71.0800, 42.2925), "franklin_hill": (-71.0880, 42.2985), "grove_hall_south": (-71.0855, 42.3045),
    "grove_hall": (-71.0800, 42.3120), "quincy_street": (-71.0765, 42.3220), "dudley_east": (-71.0725, 42.3265),
    "tenean": (-71.0425, 42.2960), "port_norfolk": (-71.0380, 42.2885), "neponset_bridge": (-71.0440, 42.2785),
    "cedar_grove": (-71.0550, 42.2760), "lower_mills": (-71.0640, 42.2690), "mattapan_square": (-71.0915, 42.2685),
    # Roxbury, Mission Hill, Fenway
    "ruggles": (-71.0930, 42.3340), "roxbury_crossing": (-71.0985, 42.3280), "jackson_square": (-71.1020, 42.3205),
    "egleston": (-71.0960, 42.3130), "walnut_seaver": (-71.0910, 42.3065), "charlesgate_river": (-71.1120, 42.3530),
    "st_marys": (-71.1100, 42.3505), "riverway_north": (-71.1060, 42.3435), "riverway_south": (-71.1120, 42.3360),
    "jamaica_way": (-71.1165, 42.3245), "heath_street": (-71.1090, 42.3225),
    # Allston and Brighton
    "bu_bridge": (-71.1180, 42.3550), "western_ave_bend": (-71.1180, 42.3670), "soldiers_field": (-71.1305, 42.3735),
    "arsenal_bridge": (-71.1440, 42.3645), "faneuil_bank": (-71.1670, 42.3590), "newton_corner": (-71.1745, 42.3505),
    "boston_college": (-71.1675, 42.3360), "chestnut_hill": (-71.1565, 42.3310), "cleveland_circle": (-71.1440, 42.3390),
    "packards_corner": (-71.1270, 42.3500),
    # Jamaica Plain, Roslindale, West Roxbury, Hyde Park, Mattapan
    "american_legion_north": (-71.0960, 42.2985), "american_legion": (-71.0950, 42.2890), "cummins_east": (-71.1010, 42.2835),
    "cummins": (-71.1110, 42.2780), "roslindale_south": (-71.1205, 42.2795), "arboretum_south": (-71.1290, 42.2875),
    "arboretum_west": (-71.1255, 42.2970), "allandale": (-71.1385, 42.3020), "pond_west": (-71.1290, 42.3150),
    "hancock_village": (-71.1515, 42.2945), "baker_west": (-71.1645, 42.3035), "vfw_parkway": (-71.1790, 42.2945),
    "charles_west": (-71.1910, 42.2830), "millennium": (-71.1770, 42.2770), "spring_street": (-71.1740, 42.2670),
    "dedham_line": (-71.1590, 42.2560), "grove_street": (-71.1510, 42.2590), "stony_brook": (-71.1370, 42.2655),
    "metropolitan": (-71.1310, 42.2720), "readville_west": (-71.1470, 42.2550), "sprague": (-71.1430, 42.2360),
    "readville_south": (-71.1310, 42.2285), "paul_bridge": (-71.1240, 42.2360), "truman_south": (-71.1260, 42.2400),
    "fairmount_south": (-71.1095, 42.2480), "fairmount_east": (-71.1130, 42.2590), "milton_line": (-71.1040, 42.2600),
    "ryan_playground": (-71.0955, 42.2665), "river_street": (-71.1060, 42.2715),
    # East Boston
    "condor": (-71.0425, 42.3800), "chelsea_creek": (-71.0380, 42.3850), "chelsea_street": (-71.0250, 42.3825),
    "suffolk_downs_west": (-71.0170, 42.3880), "suffolk_downs": (-71.0140, 42.3955), "revere_line": (-70.9990, 42.3970),
    "beachmont": (-70.9875, 42.3895), "belle_isle": (-70.9970, 42.3815), "orient_heights": (-71.0130, 42.3835),
    "constitution_beach": (-71.0180, 42.3770), "wood_island": (-71.0125, 42.3720), "airport_north": (-71.0020, 42.3785),
    "airport_middle": (-71.0080, 42.3655), "airport_east": (-70.9870, 42.3600), "airport_south": (-70.9950, 42.3545),
    "airport_tip": (-71.0200, 42.3540), "jeffries_point": (-71.0280, 42.3610), "maverick_wharf": (-71.0400, 42.3645),
    "border_street": (-71.0440, 42.3700),
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class DemoDistrict:
    code: str
    name: str
    corners: tuple[str, ...]


def _district(code: str, name: str, corners: str) -> DemoDistrict:
    return DemoDistrict(code, name, tuple(corners.split()))


DISTRICTS: tuple[DemoDistrict, ...] = (
    _district("1A", "Charlestown", """assembly sullivan_west inner_belt charles_locks navy_yard_south navy_yard_east
        little_mystic mystic_bank"""),
    _district("1B", "North End and Downtown", """charles_locks science_park longfellow arlington_river common_corner granary
        milk_atlantic battery_wharf"""),
    _district("1C", "Back Bay and South End", """arlington_river mass_ave_river mass_ave_columbus newmarket andrew south_bay
        broadway_bridge fort_point milk_atlantic granary common_corner"""),
    _district("02", "Jamaica Plain", """jamaica_way heath_street jackson_square egleston walnut_seaver grove_hall_south
        franklin_hill american_legion_north american_legion cummins_east cummins roslindale_south arboretum_south
        arboretum_west allandale pond_west"""),
    _district("03", "North Dorchester", """newmarket andrew columbia_road jfk_umass columbia_point harbor_walk savin_hill
        malibu_beach fields_corner_south melville franklin_field franklin_hill grove_hall_south grove_hall quincy_street
        dudley_east"""),
    _district("04", "Allston and Brighton", """charlesgate_river bu_bridge western_ave_bend soldiers_field arsenal_bridge
        faneuil_bank newton_corner boston_college chestnut_hill cleveland_circle packards_corner st_marys"""),
    _district("05", "South Boston", """andrew south_bay broadway_bridge fort_point fan_pier dry_dock reserved_channel
        castle_island pleasure_bay carson_beach bayside jfk_umass columbia_road"""),
    _district("06", "West Roxbury and Roslindale", """allandale arboretum_west arboretum_south roslindale_south metropolitan
        stony_brook grove_street dedham_line spring_street millennium charles_west vfw_parkway baker_west hancock_village"""),
    _district("07", "South Dorchester and Mattapan", """malibu_beach tenean port_norfolk neponset_bridge cedar_grove
        lower_mills mattapan_square ryan_playground river_street cummins cummins_east american_legion american_legion_north
        franklin_hill franklin_field melville fields_corner_south"""),
    _district("08", "Hyde Park", """cummins river_street ryan_playground milton_line fairmount_east fairmount_south
        truman_south paul_bridge readville_south sprague readville_west grove_street stony_brook metropolitan
        roslindale_south"""),
    _district("09", "East Boston", """condor chelsea_creek chelsea_street suffolk_downs_west suffolk_downs revere_line
        beachmont belle_isle orient_heights constitution_beach wood_island airport_north airport_middle airport_east
        airport_south airport_tip jeffries_point maverick_wharf border_street"""),
    _district("10A", "Fenway and Mission Hill", """mass_ave_river charlesgate_river st_marys riverway_north riverway_south
        jamaica_way heath_street jackson_square roxbury_crossing ruggles mass_ave_columbus"""),
    _district("10B", "Roxbury", """mass_ave_columbus ruggles roxbury_crossing jackson_square egleston walnut_seaver
        grove_hall_south grove_hall quincy_street dudley_east newmarket"""),
)  # fmt: skip


def boundary_of(district: DemoDistrict) -> dict[str, Any]:
    """GeoJSON, longitude first, the ring closed."""
    ring = [list(CORNERS[name]) for name in (*district.corners, district.corners[0])]
    return {"type": "Polygon", "coordinates": [ring]}
