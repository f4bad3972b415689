"""What residents write, what crews answer, what the office notes."""

from __future__ import annotations

import random

# By service name; what is not here says little, as many reports do.
REPORTED: dict[str, tuple[str, ...]] = {
    "Request for Pothole Repair": (
        "Deep pothole, cars swerve around it.", "Pothole right where the bike lane ends.", "Got a flat tire here this morning.",
        "Second report, it is getting bigger every day.", "Large pothole full of water next to the crosswalk.",
        "Pothole by the driveway, about as wide as a tire."),
    "Sidewalk Repair (Make Safe)": (
        "Raised slab, my mother tripped on it.", "Bricks missing in the sidewalk.", "Tree root lifts the sidewalk, strollers cannot pass.",
        "Broken curb ramp at the corner."),
    "Roadway Repair": ("The trench from the gas work has sunk.", "The whole lane is breaking up.", "Loud bang whenever a bus drives over the plate."),
    "Construction Debris": ("Bricks and plaster left on the street after the work.", "Pile of lumber on the sidewalk for a week."),
    "Requests for Street Cleaning": (
        "Broken glass all over the parking lane.", "Leaves and litter block the gutter.", "Mattress and bags on the sidewalk.",
        "Street sweeper skipped our block.", "Trash blown all over after the windy night."),
    "Empty Litter Basket": ("Basket is overflowing.", "Full again, the pigeons are at it.", "Trash all around the barrel at the bus stop."),
    "Pick up Dead Animal": ("Dead squirrel in the street.", "Dead raccoon by the curb.", "Dead pigeon on the sidewalk."),
    "PWD Graffiti": ("Tags on the traffic control box.", "Graffiti on the bridge wall."),
    "Missed Trash/Recycling/Yard Waste/Bulk Item": (
        "The whole street was skipped.", "They took the trash and left the recycling.", "Yard waste bags still out since Monday.",
        "Our barrels were not emptied."),
    "Schedule a Bulk Item Pickup": ("Sofa.", "Old television.", "Two mattresses, bagged.", "Refrigerator, doors taken off."),
    "Request for Recycling Cart": ("Cart was stolen.", "Lid is broken.", "New tenant, needs a cart."),
    "CE Collection": ("Follow-up: bags cited, please collect.", "Cited for early put-out. Six bags.", "Loose trash in front of vacant lot, cited."),
    "Improper Storage of Trash (Barrels)": (
        "Bags on the sidewalk days before pickup.", "Barrels left out all week.", "Trash in bags, rats have torn them open.",
        "Household trash beside the public basket."),
    "Poor Conditions of Property": ("Yard full of junk.", "Overgrown lot, people dump here.", "Broken fence hangs over the sidewalk."),
    "Illegal Dumping": ("Somebody dumped tires.", "A truck left construction waste here overnight.", "Mattresses dumped in the alley again."),
    "Street Light Outages": ("Light has been out for a week.", "Flickers and goes off.", "Whole block is dark.", "Very dark by the bus stop."),
    "General Lighting Request": ("It is too dark between the two lamps here.", "The light shines into the bedroom."),
    "Street Light Knock Downs": ("Car hit the pole, it is leaning.",),
    "Parking Enforcement": (
        "Double parked, the bus cannot pass.", "Car blocks the driveway.", "Parked in the bike lane every evening.", "No resident sticker, there all day.",
        "Parked at the hydrant.", "Car blocks the crosswalk ramp."),
    "Abandoned Vehicles": ("No plates, has not moved for a month.", "Flat tires, window broken."),
    "Sign Repair": ("Stop sign is gone.", "Sign is bent over.", "One-way sign turned the wrong way.", "Street sign missing, only the post is left."),
    "New Sign, Crosswalk or Pavement Marking": ("Crosswalk is worn away.", "Please paint the stop line again."),
    "Traffic Signal Inspection": ("Walk signal never comes.", "Signal is flashing red.", "Left arrow skips every other turn."),
    "Tree Emergencies": ("Large branch across the sidewalk.", "Limb hangs over the wires.", "Tree split in the wind and leans on a car."),
    "Tree Maintenance Requests": ("Branches scrape the windows.", "Tree hides the stop sign.", "Dead tree in the sidewalk pit."),
    "Ground Maintenance": ("Trash all over the playground.", "Grass is knee high.", "Bench broken."),
    "Parks Lighting/Electrical Issues": ("Path lights are out.", "Court lights stay on all night."),
    "Graffiti Removal": ("Tagged overnight.", "Graffiti on the side of the building.", "Somebody sprayed the garage door and the wall."),
    "Rodent Activity": ("Rats in the alley every night.", "Burrows along the fence.", "Rats run between the parked cars."),
    "Pest Infestation - Residential": ("Mice in the kitchen, landlord does nothing.", "Bed bugs in the building."),
    "Unsatisfactory Living Conditions": ("Ceiling leaks, mold in the bedroom.", "No hot water for days."),
    "Heat - Excessive Insufficient": ("No heat since last night.", "58 degrees in the apartment."),
    "Work w/out Permit": ("Roof work on Sunday, no permit posted.", "Walls coming down, no dumpster, no permit."),
    "Electrical": ("Wires hang out of the wall in the hallway.",),
    "Needle Pickup": ("Two needles by the bench.", "Needle next to the stairs.", "Several needles in the tree pit.", "Needle near the school gate."),
    "Animal Generic Request": ("Stray dog, no collar.", "Raccoon in the yard in daylight.", "Injured bird."),
    "Catchbasin": ("Drain is clogged, the corner floods.", "Grate is loose and rattles."),
}  # fmt: skip

# What a crew writes when it is done, by the trade it has.
DONE: dict[str, tuple[str, ...]] = {
    "asphalt": ("Filled with hot mix.", "Cut square and patched.", "Cold patch, tamped.", "Patched, area swept."),
    "concrete": ("Asphalt wedge laid, edge is safe.", "Slab ground down.", "Bricks reset."),
    "sweeping": ("Swept.", "Picked up by hand.", "Cleaned, one bag taken."),
    "litter": ("Emptied, new liner.", "Emptied and swept around it."),
    "collection": ("Collected.", "Picked up, two stops.", "Took everything."),
    "citations": ("Cited.", "Spoke with the owner, moved.", "Warning issued, will check again."),
    "electric": ("Lamp replaced.", "Fuse replaced, works.", "Photocell replaced."),
    "signs": ("New sign put up.", "Straightened and bolted.", "Replaced."),
    "signals": ("Push button replaced.", "Controller reset, tested three cycles."),
    "trees": ("Cut up and taken away.", "Limb removed, tree is sound.", "Pruned."),
    "grounds": ("Cleaned.", "Mowed.", "Repaired."),
    "graffiti": ("Power washed.", "Removed with solvent.", "Painted over in the wall's color."),
    "pests": ("Baited, will come back in two weeks.", "Inspected, owner notified."),
    "housing": ("Inspected, violation written.", "Landlord notified, 24 hours."),
    "building": ("Stop-work order posted.", "Permit was posted inside."),
    "sharps": ("Collected.", "Two collected, area searched.", "Collected and disposed of."),
    "animals": ("Picked up.", "Released in the park."),
    "drains": ("Cleaned out.", "Grate reset."),
}
OTHERWISE: dict[str, tuple[str, ...]] = {
    "made_safe": ("Made safe with a barrel and tape.", "Temporary patch until the crew with the roller comes.", "Coned off."),
    "not_found": ("Looked up and down the block, nothing here.", "Nothing found at this address.", "Gone when we came."),
    "no_access": ("Car parked over it.", "Gate locked, nobody home."),
    "not_ours": ("Private way.", "Belongs to the state.", "Utility cut, told them."),
    "duplicate": ("Same as the other report.", "Already reported."),
    "scheduled": ("On the list for the paving crew.", "Needs the bucket truck."),
}  # fmt: skip
OWNERS = ("MassDOT", "DCR", "National Grid", "Eversource", "MBTA", "the owner of the private way")
REOPENED_WHY = (
    "The resident says it is still there.",
    "Came back after two days.",
    "Wrong corner was mended.",
    "A neighbor sent a new picture.",
)
MOVED_WHY = ("Truck broke down.", "Crew called to an emergency.", "Closer to where the other crew is.")
OFFICE_NOTES = (
    "Resident called again, asks when.", "Councilor's office asked about this one.", "Please knock before working in the driveway.",
    "School lets out at 2:30, plan around it.", "Same place as last month.", "Resident will move the car until noon.",
    "Street cleaning day here is Thursday.", "Caller speaks Spanish.", "Access from the alley.",
)  # fmt: skip
CREW_NOTES = (
    "Needs more mix than we have on the truck.",
    "Came by, car parked on it. Will try again.",
    "Bigger than reported.",
    "Traffic too heavy now, back after 10.",
)


def describe(rng: random.Random, service: str) -> str:
    return rng.choice(REPORTED.get(service, ("",)))


def closing_words(rng: random.Random, outcome: str, skill: str) -> str:
    words = OTHERWISE.get(outcome) or DONE.get(skill, ("Done.",))
    return rng.choice(words)
