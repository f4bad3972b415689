"""Streets that exist, as rough lines from one house number to another: places for cases that did not happen."""

from __future__ import annotations

import math
import random
from dataclasses import dataclass

METRES_PER_DEGREE = 111_320.0


@dataclass(frozen=True, slots=True)
class Street:
    """`line`: (longitude, latitude) from the first house number to the last."""

    name: str
    first: int
    last: int
    line: tuple[tuple[float, float], ...]


@dataclass(frozen=True, slots=True)
class Neighborhood:
    """`share`: how many of the city's cases happen here, in thousandths."""

    name: str
    postcode: str
    share: int
    streets: tuple[Street, ...]


@dataclass(frozen=True, slots=True)
class Spot:
    address: str
    neighborhood: str
    postcode: str
    latitude: float
    longitude: float


def _streets(table: str) -> tuple[Street, ...]:
    """One street a line: name | first-last | longitude,latitude longitude,latitude ... (71 W and 42 N are left out)."""
    streets = []
    for row in table.strip().splitlines():
        name, numbers, line = (part.strip() for part in row.split("|"))
        first, last = numbers.split("-")
        points = [point.split(",") for point in line.split()]
        streets.append(Street(name, int(first), int(last), tuple((-71 - float(x), 42 + float(y)) for x, y in points)))
    return tuple(streets)


NEIGHBORHOODS: tuple[Neighborhood, ...] = (
    Neighborhood("Dorchester", "02122", 105, _streets("""
        Dorchester Ave  | 1000-1500 | .0570,.3170 .0588,.3095 .0605,.3010
        Adams St        | 180-560   | .0605,.3005 .0550,.2920 .0555,.2860
        Neponset Ave    | 20-360    | .0555,.2965 .0505,.2923 .0453,.2872
        Gibson St       | 4-60      | .0600,.2985 .0560,.2978
        Park St         | 10-180    | .0590,.2990 .0655,.2960
        Gallivan Blvd   | 100-600   | .0650,.2790 .0560,.2830 .0480,.2830
    """)),
    Neighborhood("Dorchester", "02124", 95, _streets("""
        Washington St   | 300-900   | .0752,.3005 .0720,.2910 .0706,.2803
        Norfolk St      | 20-380    | .0715,.2905 .0800,.2860 .0875,.2830
        Talbot Ave      | 155-500   | .0805,.2920 .0750,.2909 .0660,.2887
        Codman Hill Ave | 15-93     | .0711,.2800 .0747,.2793
        Melville Ave    | 10-114    | .0702,.2932 .0628,.2958
        Welles Ave      | 10-140    | .0707,.2883 .0675,.2887 .0650,.2897
        Morton St       | 840-1100  | .0865,.2815 .0760,.2770
    """)),
    Neighborhood("Dorchester", "02125", 80, _streets("""
        Columbia Rd     | 500-900   | .0680,.3155 .0620,.3190 .0560,.3210
        Dudley St       | 600-850   | .0730,.3205 .0665,.3180
        Hancock St      | 20-280    | .0658,.3152 .0627,.3110 .0592,.3087
        Savin Hill Ave  | 20-220    | .0582,.3126 .0538,.3115 .0480,.3094
        Stoughton St    | 8-110     | .0650,.3167 .0612,.3155
        Boston St       | 100-260   | .0585,.3262 .0602,.3232 .0610,.3207
    """)),
    Neighborhood("Dorchester", "02121", 55, _streets("""
        Blue Hill Ave   | 300-600   | .0800,.3160 .0825,.3095 .0850,.3050
        Quincy St       | 50-320    | .0795,.3160 .0700,.3111
        Columbia Rd     | 40-300    | .0830,.3040 .0770,.3065 .0720,.3115
        Geneva Ave      | 41-280    | .0810,.3077 .0758,.3050 .0720,.3042
        Intervale St    | 10-130    | .0824,.3121 .0758,.3099
    """)),
    Neighborhood("Roxbury", "02119", 115, _streets("""
        Washington St   | 2200-2800 | .0835,.3300 .0890,.3240 .0940,.3190
        Warren St       | 60-480    | .0835,.3290 .0825,.3220 .0835,.3130
        Dudley St       | 120-480   | .0830,.3290 .0780,.3270 .0740,.3220
        Humboldt Ave    | 20-270    | .0857,.3202 .0888,.3136 .0912,.3106
        Walnut Ave      | 20-360    | .0838,.3240 .0894,.3195 .0945,.3143
        Blue Hill Ave   | 20-260    | .0765,.3250 .0775,.3210 .0795,.3170
        Centre St       | 10-140    | .0948,.3285 .0966,.3266
        Highland St     | 10-180    | .0915,.3295 .0945,.3240
        Zeigler St      | 40-109    | .0825,.3298 .0804,.3290
    """)),
    Neighborhood("Roxbury", "02120", 25, _streets("""
        Tremont St      | 1200-1545 | .0908,.3341 .0965,.3328 .1000,.3331
        Parker St       | 640-800   | .0958,.3327 .0982,.3288
        Terrace St      | 75-165    | .0982,.3290 .0992,.3262
    """)),
    Neighborhood("South End", "02118", 95, _streets("""
        Washington St   | 1300-1900 | .0660,.3445 .0715,.3400 .0770,.3360
        Tremont St      | 400-700   | .0695,.3465 .0740,.3435 .0785,.3410
        Shawmut Ave     | 200-525   | .0672,.3447 .0749,.3392 .0779,.3376
        Harrison Ave    | 400-860   | .0640,.3435 .0690,.3385 .0745,.3345
        Massachusetts Ave | 480-860 | .0815,.3395 .0770,.3360 .0730,.3325
        West Newton St  | 10-200    | .0733,.3383 .0762,.3412 .0790,.3437
        Union Park      | 2-50      | .0700,.3420 .0720,.3435
        Appleton St     | 2-120     | .0700,.3472 .0750,.3458
    """)),
    Neighborhood("Downtown / Financial District", "02108", 45, _streets("""
        Tremont St      | 20-180    | .0610,.3575 .0640,.3540
        Washington St   | 280-660   | .0580,.3570 .0610,.3545 .0630,.3515
        Beacon St       | 2-80      | .0615,.3580 .0660,.3572 .0705,.3565
        Bromfield St    | 10-60     | .0590,.3567 .0610,.3572
        West St         | 8-40      | .0620,.3542 .0640,.3550
    """)),
    Neighborhood("Downtown / Financial District", "02111", 40, _streets("""
        Harrison Ave    | 10-160    | .0610,.3520 .0625,.3490
        Beach St        | 10-120    | .0625,.3515 .0575,.3508
        Kneeland St     | 10-120    | .0627,.3506 .0585,.3502
        Tyler St        | 4-120     | .0605,.3510 .0615,.3480
        Essex St        | 20-130    | .0625,.3522 .0588,.3523
    """)),
    Neighborhood("Downtown / Financial District", "02113", 30, _streets("""
        Hanover St      | 200-500   | .0560,.3630 .0535,.3655 .0515,.3670
        Salem St        | 20-200    | .0570,.3625 .0560,.3650 .0550,.3665
        Prince St       | 10-160    | .0535,.3638 .0560,.3650 .0590,.3670
        North St        | 100-400   | .0550,.3620 .0525,.3640 .0510,.3660
        Endicott St     | 59-221    | .0572,.3635 .0577,.3655 .0588,.3668
    """)),
    Neighborhood("Beacon Hill", "02114", 24, _streets("""
        Cambridge St    | 100-340   | .0630,.3605 .0680,.3612
        Myrtle St       | 6-120     | .0635,.3595 .0695,.3592
        Revere St       | 6-110     | .0660,.3600 .0710,.3600
        Charles St      | 20-180    | .0700,.3568 .0710,.3608
    """)),
    Neighborhood("Back Bay", "02116", 44, _streets("""
        Boylston St     | 360-800   | .0710,.3520 .0780,.3498 .0830,.3485
        Newbury St      | 20-360    | .0725,.3523 .0790,.3506 .0870,.3485
        Marlborough St  | 6-380     | .0730,.3545 .0800,.3525 .0880,.3502
        Commonwealth Ave | 10-360   | .0725,.3535 .0800,.3514 .0885,.3490
        Dartmouth St    | 100-320   | .0745,.3465 .0790,.3540
    """)),
    Neighborhood("Fenway / Kenmore / Audubon Circle / Longwood", "02215", 36, _streets("""
        Boylston St     | 1200-1380 | .0935,.3455 .0985,.3440
        Peterborough St | 20-160    | .0940,.3440 .0990,.3432
        Queensberry St  | 10-114    | .0955,.3434 .1003,.3418
        Park Dr         | 60-220    | .0940,.3415 .0995,.3425 .1015,.3450
        Beacon St       | 520-900   | .0945,.3490 .1000,.3480 .1050,.3465
    """)),
    Neighborhood("Mission Hill", "02120", 22, _streets("""
        Huntington Ave  | 720-940   | .1010,.3350 .1095,.3325
        Parker Hill Ave | 20-220    | .1097,.3322 .1080,.3298 .1022,.3290
        Calumet St      | 33-160    | .1055,.3328 .1038,.3318 .1023,.3295
        Hillside St     | 4-120     | .1000,.3310 .1045,.3305
    """)),
    Neighborhood("Jamaica Plain", "02130", 62, _streets("""
        Centre St       | 300-760   | .1110,.3200 .1130,.3130 .1155,.3085
        South St        | 20-240    | .1150,.3095 .1160,.3045
        Green St        | 10-185    | .1134,.3127 .1089,.3113 .1059,.3099
        Amory St        | 40-320    | .1010,.3195 .1035,.3130
        Boylston St     | 10-180    | .1109,.3192 .1053,.3170 .1020,.3151
        Washington St   | 3100-3600 | .1000,.3130 .1060,.3070 .1110,.3025
        Lamartine St    | 20-320    | .1035,.3185 .1075,.3110
    """)),
    Neighborhood("South Boston / South Boston Waterfront", "02127", 74, _streets("""
        East Broadway   | 400-900   | .0465,.3355 .0380,.3350 .0280,.3355
        West Broadway   | 60-480    | .0570,.3425 .0520,.3395 .0470,.3358
        Dorchester St   | 40-340    | .0445,.3367 .0496,.3334 .0545,.3310
        East Sixth St   | 425-820   | .0435,.3328 .0370,.3332 .0278,.3331
        L St            | 48-180    | .0352,.3368 .0351,.3320
        Old Colony Ave  | 80-430    | .0560,.3358 .0536,.3317 .0530,.3257
        Athens St       | 20-240    | .0560,.3412 .0500,.3378
        East Third St   | 400-758   | .0441,.3366 .0295,.3368
    """)),
    Neighborhood("South Boston / South Boston Waterfront", "02210", 14, _streets("""
        Summer St       | 220-420   | .0500,.3508 .0440,.3465
        Congress St     | 240-400   | .0510,.3525 .0460,.3495
        A St            | 100-360   | .0540,.3430 .0495,.3490
    """)),
    Neighborhood("East Boston", "02128", 72, _streets("""
        Meridian St     | 20-400    | .0390,.3705 .0392,.3755 .0400,.3810
        Bennington St   | 20-500    | .0379,.3751 .0298,.3782 .0211,.3818
        Maverick St     | 20-260    | .0395,.3690 .0320,.3675
        Saratoga St     | 100-700   | .0362,.3768 .0290,.3795 .0193,.3831
        Chelsea St      | 20-340    | .0390,.3700 .0330,.3755
        Sumner St       | 60-480    | .0400,.3690 .0320,.3650
        Princeton St    | 20-300    | .0380,.3770 .0290,.3815
    """)),
    Neighborhood("Charlestown", "02129", 34, _streets("""
        Bunker Hill St  | 20-420    | .0560,.3755 .0630,.3795 .0700,.3825
        Main St         | 60-480    | .0620,.3730 .0680,.3770 .0730,.3815
        Medford St      | 60-480    | .0560,.3790 .0640,.3825 .0720,.3845
        Warren St       | 10-140    | .0610,.3720 .0640,.3755
    """)),
    Neighborhood("Allston", "02134", 48, _streets("""
        Harvard Ave     | 20-220    | .1325,.3550 .1300,.3500
        Brighton Ave    | 20-240    | .1250,.3520 .1350,.3535
        Commonwealth Ave | 1080-1260 | .1240,.3515 .1320,.3490
        Cambridge St    | 240-560   | .1280,.3570 .1380,.3540
        Linden St       | 8-90      | .1312,.3556 .1304,.3538 .1303,.3514
        North Harvard St | 45-336   | .1253,.3680 .1290,.3641 .1271,.3593
    """)),
    Neighborhood("Brighton", "02135", 60, _streets("""
        Washington St   | 180-680   | .1468,.3461 .1568,.3488 .1712,.3522
        Market St       | 240-427   | .1505,.3546 .1538,.3494
        Commonwealth Ave | 1400-1900 | .1375,.3480 .1440,.3420 .1520,.3395
        North Beacon St | 60-360    | .1400,.3545 .1500,.3560
        Faneuil St      | 26-348    | .1510,.3549 .1580,.3543 .1648,.3520
        Chestnut Hill Ave | 40-324  | .1538,.3469 .1546,.3417 .1526,.3378
    """)),
    Neighborhood("Roslindale", "02131", 56, _streets("""
        Washington St   | 4000-4500 | .1245,.2915 .1300,.2860 .1370,.2800
        Hyde Park Ave   | 379-750   | .1187,.2876 .1186,.2816 .1203,.2748
        Cummins Hwy     | 20-400    | .1265,.2860 .1180,.2800
        Poplar St       | 10-400    | .1290,.2866 .1270,.2820 .1247,.2768
        Belgrade Ave    | 20-280    | .1300,.2868 .1420,.2865
        South St        | 600-945   | .1235,.2923 .1308,.2882 .1370,.2880
        Canterbury St   | 620-860   | .1095,.2871 .1150,.2805
    """)),
    Neighborhood("West Roxbury", "02132", 48, _streets("""
        Centre St       | 1515-2197 | .1402,.2911 .1552,.2859 .1605,.2753
        Washington St   | 4780-5190 | .1446,.2724 .1516,.2667 .1566,.2613
        Baker St        | 63-585    | .1640,.2725 .1690,.2824 .1720,.2891
        LaGrange St     | 95-680    | .1463,.2757 .1572,.2799 .1665,.2886
        Spring St       | 23-250    | .1615,.2782 .1698,.2736
        Corey St        | 44-279    | .1546,.2855 .1579,.2885 .1611,.2922
    """)),
    Neighborhood("Hyde Park", "02136", 62, _streets("""
        Hyde Park Ave   | 1000-1715 | .1208,.2653 .1248,.2517 .1313,.2408
        River St        | 915-1608  | .1110,.2618 .1249,.2560 .1330,.2478
        Fairmount Ave   | 10-306    | .1210,.2558 .1178,.2525 .1118,.2473
        Metropolitan Ave | 380-706 | .1230,.2726 .1163,.2620
        Wood Ave        | 21-327    | .1098,.2736 .1103,.2660 .1087,.2628
        Truman Pkwy     | 480-707   | .1135,.2573 .1193,.2522
    """)),
    Neighborhood("Greater Mattapan", "02126", 58, _streets("""
        Blue Hill Ave   | 1200-1620 | .0920,.2850 .0930,.2760 .0935,.2690
        River St        | 397-644   | .0896,.2703 .0977,.2660 .0993,.2649
        Cummins Hwy     | 548-885   | .1088,.2743 .1042,.2714 .0959,.2683
        Morton St       | 597-736   | .0941,.2873 .0892,.2828
        Norfolk St      | 380-600   | .0880,.2820 .0910,.2770
        Almont St       | 29-240    | .0953,.2753 .0982,.2772 .0983,.2809
    """)),
)  # fmt: skip


def pick_spot(rng: random.Random, within: tuple[Neighborhood, ...] = NEIGHBORHOODS) -> Spot:
    """A house somewhere in the city, where much happens more often."""
    neighborhood = rng.choices(within, [n.share for n in within])[0]
    streets = neighborhood.streets
    street = rng.choices(streets, [math.sqrt(_metres(s)) for s in streets])[0]
    return spot_on(rng, neighborhood, street, rng.random())


def spot_on(rng: random.Random, neighborhood: Neighborhood, street: Street, along: float) -> Spot:
    """The house that stands `along` (0 to 1) the street, a few metres off its middle line."""
    number = max(1, round(street.first + along * (street.last - street.first)))
    longitude, latitude = _point(street, along)
    # Houses stand on both sides; odd numbers on one.
    side = (1 if number % 2 else -1) * rng.uniform(4, 12)
    (x0, y0), (x1, y1) = street.line[0], street.line[-1]
    turn = math.atan2(y1 - y0, (x1 - x0) * math.cos(math.radians(latitude)))
    latitude += side * math.cos(turn) / METRES_PER_DEGREE
    longitude -= side * math.sin(turn) / METRES_PER_DEGREE / math.cos(math.radians(latitude))
    return Spot(f"{number} {street.name}", neighborhood.name, neighborhood.postcode, round(latitude, 5), round(longitude, 5))


def _point(street: Street, along: float) -> tuple[float, float]:
    left = along * _metres(street)
    for a, b in zip(street.line, street.line[1:], strict=False):
        length = _apart(a, b)
        if left <= length or b == street.line[-1]:
            t = min(left / length, 1.0)
            return a[0] + t * (b[0] - a[0]), a[1] + t * (b[1] - a[1])
        left -= length
    return street.line[-1]


def _metres(street: Street) -> float:
    return sum(_apart(a, b) for a, b in zip(street.line, street.line[1:], strict=False))


def _apart(a: tuple[float, float], b: tuple[float, float]) -> float:
    return math.hypot((a[0] - b[0]) * 0.739, a[1] - b[1]) * METRES_PER_DEGREE
