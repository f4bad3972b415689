/** Every word the phone says, in one place. One word for one thing; what happened, what it means, what happens next. */

import type { Lack } from "../core/draft";
import type { Line, Trouble } from "../core/line";
import type { Entry, EntryPhoto, EntryState } from "../core/outbox";
import type { Standing } from "../core/overlay";
import type { FormLack } from "../core/forms";
import type { HandBackReason, Kind } from "../core/wire";

import { size, when } from "../design/times";
import { numeral, t, tc, tn } from "../design/translate";

export { ago, clock, due, dueLong, exactly, longDay, size, speakInZone, when } from "../design/times";

const inMiles = typeof navigator !== "undefined" && /-US\b/i.test(navigator.language);
/** What scales are round in. */
export const UNIT_M = inMiles ? 1609.344 : 1;
export function distance(metres: number): string {
  if (inMiles) {
    const feet = metres * 3.28084;
    if (feet < 950) return t("{n} ft", { n: numeral(Math.max(10, Math.round(feet / 10) * 10)) });
    return t("{n} mi", { n: numeral(metres / 1609.344, metres < 16_000 ? 1 : 0) });
  }
  if (metres < 950) return t("{n} m", { n: numeral(Math.max(5, Math.round(metres / 5) * 5)) });
  return t("{n} km", { n: numeral(metres / 1000, metres < 10_000 ? 1 : 0) });
}

/** "120 m to the north-east". */
export function far(metres: number, degrees: number): string {
  const points = [
    t("{far} to the north"), t("{far} to the north-east"), t("{far} to the east"), t("{far} to the south-east"),
    t("{far} to the south"), t("{far} to the south-west"), t("{far} to the west"), t("{far} to the north-west"),
  ];
  return (points[Math.round(degrees / 45) % 8] ?? "").replace("{far}", distance(metres));
}

// ---- the line on top -----------------------------------------------------------------------------------------------

export function line(is: Line, nowMs: number): { text: string; more: string } {
  switch (is.is) {
    case "sign_in":
      return { text: is.waiting > 0 ? t("Sign in again to send") : t("Sign in again"), more: is.waiting > 0 ? tn("{n} safe here", "{n} safe here", is.waiting) : "" };
    case "other_person":
      return { text: t("Needs you"), more: t("This phone's work belongs to someone else") };
    case "needs_you":
      return { text: tn("{n} needs you", "{n} need you", is.count), more: is.waiting > 0 ? tn("{n} waiting", "{n} waiting", is.waiting) : "" };
    case "sending":
      return { text: t("Sending…"), more: is.photo !== null ? t("photo {i} of {of}", { i: numeral(is.photo.i), of: numeral(is.photo.of) }) : "" };
    case "waiting":
      return {
        text: is.why === "no_signal" || is.why === "next_try" ? tn("{n} waiting for signal", "{n} waiting for signal", is.count) : tn("{n} waiting", "{n} waiting", is.count),
        more: {
          no_signal: t("safe here"),
          next_try: t("safe here"),
          city_busy: t("the city is busy, we try again"),
          not_the_city: t("this network is not letting us through"),
          storage: t("this phone's storage has trouble"),
        }[is.why],
      };
    case "confirming":
      return { text: tn("{n} with the city", "{n} with the city", is.count), more: t("not confirmed yet") };
    case "received":
      return { text: t("All received {when}", { when: when(is.atMs, nowMs) }), more: is.isStale ? t("no signal now") : "" };
    case "never":
      return { text: is.isAsking ? t("Fetching your jobs…") : t("Not in touch with the city yet"), more: "" };
  }
}

export function trouble(code: Trouble): string {
  const said: Record<Trouble, string> = {
    no_signal: t("We could not reach the city. Your work is safe on this phone; we try again by ourselves."),
    not_the_city: t("Something answered, but it was not the city. Often this is the sign-in page of a Wi-Fi. Your work is safe on this phone; we try again by ourselves."),
    city_busy: t("The city answered that it cannot take this just now. Your work is safe on this phone; we try again by ourselves."),
    sign_in: t("The city asks who you are. Sign in again and everything that waits is sent."),
    other_person: t("The city knows this phone's work under another name. Nothing is lost. Save it to a file below and call the office."),
    storage: t("This phone's storage gave us trouble. Close other tabs of Crew311 and start it again. If it stays, save your work to a file below."),
  };
  return said[code];
}

/** What went wrong at the last try of one entry: the codes of loop/run.ts, in words. */
export function lastTrouble(note: string): string {
  const [code = "", status = "", ...words] = note.split(" ");
  const said = words.join(" ");
  switch (code as Trouble) {
    case "no_signal":
      return t("No signal");
    case "not_the_city":
      return t("Something answered that is not the city");
    case "city_busy":
      return said !== "" ? t("The city said: {said}", { said }) : t("The city could not take it ({status})", { status });
    case "sign_in":
      return t("The city asks you to sign in");
    case "other_person":
      return t("The city knows this phone under another name");
    default:
      return t("This phone's storage had trouble");
  }
}

// ---- jobs ----------------------------------------------------------------------------------------------------------

export function status(code: string): string {
  const said: Record<string, string> = {
    received: t("Received"),
    assigned: t("Assigned"),
    en_route: t("On the way"),
    on_site: t("On site"),
    closed: t("Closed"),
    reopened: t("Reopened"),
    withdrawn: t("Withdrawn"),
    merged: t("Merged with another case"),
  };
  return said[code] ?? humanise(code);
}

export function standing(is: Standing): string {
  switch (is.is) {
    case "settled":
      return "";
    case "saved":
      return t("Saved on this phone");
    case "photos":
      return t("Received by the city, photos {arrived} of {of}", { arrived: numeral(is.arrived), of: numeral(is.of) });
    case "received":
      return t("Received by the city");
    case "needs_you":
      return t("Needs you");
  }
}

export function review(code: string): string {
  const said: Record<string, string> = {
    office_moved: t("The office had changed this job in the meantime. Your work is kept; the office will look."),
    not_theirs: t("The office gave this job to another crew. Your work is kept; the office will look."),
    closed_twice: t("Two closings say different things. Yours is kept; the office will look."),
  };
  return said[code] ?? t("Your work is kept; the office will look.");
}

const outcomes = (): Record<string, [string, string]> => ({
    fixed: [t("Fixed"), t("Done for good")],
    made_safe: [t("Made safe"), t("More work is needed later")],
    not_found: [t("Not found"), t("Nothing to see here")],
    no_access: [t("No access"), t("Gate, car or person in the way")],
    not_ours: [t("Not ours"), t("Someone else has to do it")],
    duplicate: [t("Duplicate"), t("There is another case for it")],
    scheduled: [t("Scheduled"), t("Planned for another day")],
  });
export const outcome = (code: string) => outcomes()[code]?.[0] ?? humanise(code);
export const outcomeHint = (code: string) => outcomes()[code]?.[1] ?? "";

export function detailLabel(code: string, needs: string): string {
  return { not_ours: t("Whose is it?"), duplicate: t("Number of the other case"), scheduled: t("Which day is it planned for?") }[code] ?? capital(needs);
}
export function detailHint(code: string): string {
  const said: Record<string, string> = {
    not_ours: t("For example: Water and Sewer, the state, the owner of the house"),
    duplicate: t("It looks like 26-004711"),
  };
  return said[code] ?? "";
}

export function lack(code: Lack): string {
  const said: Record<Lack, string> = {
    outcome: t("Choose how it ended"),
    detail: t("Say whose it is"),
    detail_number: t("Give the number of the other case"),
    detail_day: t("Choose the day"),
  };
  return said[code];
}

export function formLack(code: FormLack): string {
  const said: Record<FormLack, string> = {
    note: t("Write the note first"),
    photos: t("Take a photo first"),
    reason: t("Choose why"),
    reason_words: t("Say in a few words why"),
    service: t("Choose the service"),
    description: t("Say in a few words what is needed"),
    jobs: t("Choose the jobs"),
    outcome: t("Choose how they ended"),
    place: t("We do not know where you are yet. Wait a moment under the open sky, or allow the position in the browser's settings."),
  };
  return said[code];
}

export function phrases(outcome: string | null): readonly string[] {
  const said: Record<string, readonly string[]> = {
    fixed: [t("Done as reported."), t("Cleaned up."), t("Part replaced."), t("Tested, works.")],
    made_safe: [t("Fenced off."), t("Cones set."), t("Needs a second visit.")],
    not_found: [t("Looked all around, nothing there."), t("Already gone when we came.")],
    no_access: [t("Gate locked."), t("A car stands on it."), t("Nobody opened.")],
    not_ours: [t("Private ground.")],
  };
  return said[outcome ?? ""] ?? [];
}

export function handBackReason(code: HandBackReason): string {
  const said: Record<HandBackReason, string> = {
    wrong_trade: t("Not our trade"),
    too_far: t("Too far away"),
    no_equipment: t("Tools or material missing"),
    unsafe: t("Not safe"),
    no_time: t("No time today"),
    other: t("Something else"),
  };
  return said[code];
}

export function kind(code: Kind): string {
  const said: Record<Kind, string> = {
    close: t("Closed"),
    accept: t("Job read"),
    decline: t("Handed back"),
    hand_back: t("Handed back"),
    en_route: t("On my way"),
    on_site: t("On site"),
    note: t("Note"),
    photos: t("Photos"),
    follow_up: t("For another department"),
    open: t("New case"),
    start_shift: t("Shift started"),
    begin_break: t("Break"),
    end_break: t("Back from the break"),
    end_shift: t("Shift ended"),
    read: t("Message read"),
  };
  return said[code];
}

// ---- the outbox ----------------------------------------------------------------------------------------------------

export function entry(state: EntryState): string {
  const said: Record<EntryState, string> = {
    saved: t("Saved on this phone"),
    photos: t("Received, photos on their way"),
    received: t("Received by the city"),
    released: t("Received by the city"),
    needs_you: t("Needs you"),
  };
  return said[state];
}

export function entryState(of: Entry, state: EntryState, arrived: number): string {
  if (state === "photos") return t("Received, photos {arrived} of {of}", { arrived: numeral(arrived), of: numeral(of.photos.length) });
  if (state === "released" && of.putAside) return t("Put aside by you");
  return entry(state);
}

export function reason(code: string | null): string {
  const said: Record<string, string> = {
    unreadable: t("The city could not read it. It is kept here and there; call the office."),
    id_reused: t("The city has other work under the same mark. It is kept here and there; call the office."),
    seq_reused: t("The city has other work under the same number. It is kept here and there; call the office."),
    unknown_case: t("The city does not know this job. It may have been taken out; call the office."),
    device_revoked: t("The office has switched this phone off. Your work is kept; call the office."),
  };
  return said[code ?? ""] ?? t("The city kept it but did not apply it. Call the office.");
}

export function answer(of: Entry): string {
  const given = of.answer;
  if (given === null) return t("The city has not answered yet");
  switch (given.verdict) {
    case "counted":
      return given.review !== null ? review(given.review) : t("The city has it and it counts");
    case "superseded":
      return t("The city has it; the job had already moved on");
    case "needs_review":
      return review(given.review ?? "");
    case "quarantined":
      return reason(given.reason);
  }
}

export function photo(it: EntryPhoto, n: number): string {
  const kinds: Record<string, string> = { before: tc("the work", "Before"), after: tc("the work", "After") };
  const name = t("Photo {n}, {kind}, {size}", { n: numeral(n), kind: kinds[it.kind] ?? humanise(it.kind), size: size(it.size) });
  if (it.verified) return t("{photo}: with the city", { photo: name });
  if (it.bytes === "unreadable") return t("{photo}: this phone's storage lost it. Take it again if you can, and call the office.", { photo: name });
  if (it.bytes === "dropped") return t("{photo}: the city lost it, and this phone no longer has it. Call the office.", { photo: name });
  if (it.refused !== null) return t("{photo}: the city did not take it. Try again, or save your work to a file.", { photo: name });
  if (it.sentBytes > 0) return t("{photo}: {percent}% sent", { photo: name, percent: numeral(Math.floor((it.sentBytes / it.size) * 100)) });
  return t("{photo}: on this phone", { photo: name });
}

/** What happened, of a message about a case; "" where somebody wrote in their own words. */
export function messageHead(kind: string): string {
  const said: Record<string, string> = {
    taken: t("This job is no longer yours"),
    withdrawn: t("The office withdrew this job"),
    merged: t("This job is the same as another"),
    urgent: t("This job is urgent now"),
    reopened: t("A job you closed is open again"),
    review_accepted: t("The office accepted your closing"),
    review_dismissed: t("The office did not accept your closing"),
  };
  return said[kind] ?? "";
}
const words = () => ({
  appName: "Crew311",
  closeLine: tc("a line of words", "Close"),
  language: t("Language"),
  languageNot: t("This language is not on this phone yet. It comes with signal; try again then."),
  languageHint: t("This translation was made with care, but no native speaker has checked it yet. If something sounds wrong, please tell the office."),
  tabs: { jobs: t("Jobs"), map: t("Map"), me: t("Me") },
  signIn: {
    lead: t("Today's jobs, with or without signal."),
    email: t("Email"),
    password: t("Password"),
    show: t("Show"),
    hide: t("Hide"),
    submit: t("Sign in"),
    busy: t("Signing in…"),
    again: t("Sign in again"),
    againLead: (name: string) => t("The city asks who you are, {name}. Your work is safe on this phone.", { name }),
    back: t("Not now"),
    wrong: t("This email and password do not go together. Check both and try again."),
    noCrew: t("You are signed in with the city, but in no crew. Ask your dispatcher to put you in one."),
    noAnswer: t("We could not reach the city. To sign in you need signal this one time."),
    notTheCity: t("Something answered, but it was not the city. Often this is the sign-in page of a Wi-Fi. Open a web page to get past it, then try again."),
    busyCity: t("The city cannot sign you in just now. Try again in a minute."),
    tooMany: t("Too many tries. Wait a few minutes, then try again."),
    fill: t("Fill in both your email and your password."),
    others: (name: string, n: number) => tn("{n} piece of {name}'s work is still on this phone. It waits until {name} signs in here.", "{n} pieces of {name}'s work are still on this phone. They wait until {name} signs in here.", n, { name }),
    switchedOff: t("The office has switched this phone off. What it showed is gone from it; what was not sent is kept for the office. Found it again? Call the office."),
    stillWaiting: (name: string, n: number) => tn("{name} has {n} unsent on this phone. Only {name} can sign in here until that is sent.", "{name} has {n} unsent on this phone. Only {name} can sign in here until that is sent.", n, { name }),
  },
  jobs: {
    next: t("Next"),
    later: tc("after the next job", "Then"),
    done: t("Done"),
    left: (n: number) => (n === 0 ? t("Nothing left to do") : tn("{n} job to do", "{n} jobs to do", n)),
    none: t("No jobs just now"),
    noneMore: t("New jobs come by themselves when there is signal."),
    allDone: t("All done"),
    allDoneMore: t("Every job on this phone is closed."),
    fetching: t("Fetching your jobs…"),
    fetchingMore: t("This takes a few seconds with signal."),
    neverMore: t("We could not fetch your jobs yet. We try again by ourselves as soon as there is signal."),
    urgent: t("Urgent"),
    draft: t("Started closing"),
    away: t("With the office"),
    found: t("Found something? New case"),
    goOnFound: t("Go on with your new case"),
    far: t("Show how far"),
    late: t("Late"),
    review: t("Office will look"),
  },
  job: {
    back: t("Back"),
    case: (number: string) => t("Case {number}", { number }),
    gone: t("This job is no longer on this phone"),
    goneMore: t("The office has given it to someone else or closed it. Work you did on it is safe and is sent all the same."),
    toJobs: t("Back to jobs"),
    navigate: t("Navigate"),
    maps: t("Open in Google Maps"),
    copy: t("Copy address"),
    copyShort: t("Address"),
    copied: t("Copied"),
    told: t("What the resident says"),
    reported: (at: string) => t("Reported {when}", { when: at }),
    notes: t("Notes"),
    more: t("More"),
    addNote: t("Add a note"),
    addPhotos: t("Add photos"),
    handBack: t("Cannot do this job"),
    followUp: t("Needs another department"),
    newCase: t("New case, no number yet"),
    newHere: t("Your new case"),
    noAddress: t("No street address"),
    givenBack: t("Handed back"),
    givenBackWaiting: t("Handed back, waiting to be sent"),
    reportedByYou: t("New case for the office"),
    followedUp: (service: string) => t("For another department: {service}", { service }),
    photosAdded: (n: number) => tn("{n} photo", "{n} photos", n),
    enRoute: t("On my way"),
    onSite: t("On site"),
    here: (where: string) => t("You are at {where}.", { where }),
    close: t("Close this job"),
    closeShort: tc("of a job", "Close"),
    goOn: t("Go on closing"),
    noPlace: t("No position for this job. Use the address."),
    noPhoto: t("Photo comes when there is signal"),
    photoOf: t("The resident's photo"),
    photoCrew: t("A crew's photo"),
    you: t("You"),
    north: tc("north, on a small map", "N"),
    notMine: t("This job is no longer yours. You still see it because you worked on it."),
    closed: (word: string) => t("Closed: {outcome}", { outcome: word }),
  },
  close: {
    title: t("Close job"),
    how: t("How did it end?"),
    photos: t("Photos"),
    before: tc("the work", "Before"),
    after: tc("the work", "After"),
    camera: t("Camera"),
    gallery: t("Gallery"),
    preparing: t("Keeping photo…"),
    remove: t("Remove this photo"),
    tooMany: t("Ten photos are the most for one job."),
    tooLarge: t("This photo is larger than 20 MB, so the city would not take it. Take a smaller one."),
    photoEmpty: t("The camera gave us an empty photo. Please take it again."),
    photoLost: t("This phone's storage did not keep the photo. Please take it again."),
    full: t("This phone is full, so this could not be kept. Free some room (old photos, videos), then do it once more. What was saved before is safe."),
    short: (left: string | null) =>
      left === null
        ? t("This phone is almost full. Photos may not fit. Free some room (old photos, videos) before you take them.")
        : t("This phone is almost full: {size} left. Photos may not fit. Free some room (old photos, videos) before you take them.", { size: left }),
    notSaved: t("This phone's storage did not keep it. Your form is still here; try once more."),
    note: t("Note"),
    phrases: t("Words to choose from"),
    minutes: t("Minutes of work"),
    materials: t("Material used"),
    materialsHint: t("For example: 2 bags of asphalt"),
    near: (far: string) => t("Saved from {far} away", { far }),
    far: (far: string) => t("You are {far} away from the job. The closing says so.", { far }),
    noteHint: t("Optional. What the next person should know."),
    save: t("Save and close job"),
    saving: t("Saving…"),
    discard: t("Throw this form away"),
    discardSure: t("Yes, throw away form and photos"),
    moved: t("The office changed this job while you were writing. What you save is kept, and the office will look at it."),
    movedUse: t("Use the job as it is now"),
    saved: t("Saved on this phone. It will be sent when there is signal."),
    received: t("Received by the city."),
    receivedPhotos: (arrived: number, of: number) => t("Received by the city. Photos {arrived} of {of}; the rest follows by itself.", { arrived: numeral(arrived), of: numeral(of) }),
  },
  lens: {
    take: t("Take photo"),
    retake: t("Take again"),
    use: t("Use it"),
    more: t("Use it, one more"),
    mark: t("Mark on the photo"),
    undo: t("Undo"),
    done: t("Keep"),
    drawing: t("Draw on the photo with your finger"),
    starting: t("The camera starts…"),
    close: t("Close the camera"),
  },
  batch: {
    title: t("Close several at once"),
    open: t("Close several at once"),
    which: t("Which ones?"),
    how: t("How did they end?"),
    photosHint: t("The photos go to each of them."),
    save: (n: number) => (n === 0 ? t("Save and close") : tn("Save and close {n} job", "Save and close {n} jobs", n)),
  },
  note: { title: t("Add a note"), label: t("Note for the office"), hint: "", save: t("Save note") },
  photos: { title: t("Add photos"), label: "", hint: "", save: t("Save photos") },
  give_back: {
    title: t("Cannot do this job"),
    why: t("Why not?"),
    label: t("In your words"),
    hint: t("Optional. The office and the next crew read it."),
    save: t("Hand this job back"),
  },
  follow_up: {
    title: t("Needs another department"),
    label: t("What is needed?"),
    hint: t("A new case at the same place. The office finds who does it; your job stays yours."),
    save: t("Send it on"),
  },
  open: {
    title: t("New case"),
    label: t("What did you find?"),
    hint: t("Optional."),
    where: t("Where is it?"),
    here: (within: string) => t("Where you are, within {far}", { far: within }),
    again: t("Update"),
    seeking: t("Finding where you are…"),
    address: t("Address or crossing (optional)"),
    keep: t("We do it now"),
    keepYes: t("It becomes your job, and you can close it here."),
    keepNo: t("The office finds a crew for it."),
    save: t("Save new case"),
    saveKeep: t("Save and do it now"),
  },
  service: {
    label: t("Which service?"),
    placeholder: t("Type a word: light, tree, water"),
    change: t("Change"),
    none: t("No service has this word. Try another, or fewer letters."),
    never: t("The list of services is not on this phone yet. It comes by itself with signal; what you write is kept."),
  },
  map: {
    title: t("Map"),
    none: t("No open jobs with a position"),
    locate: t("Show where I am"),
    denied: t("This phone does not share its position with Crew311. You can allow it in the browser's settings."),
    nearer: t("Nearer"),
    farther: t("Farther"),
    before: t("The job before"),
    after: t("The next job"),
  },
  me: {
    doors: t("More about my day"),
    sync: t("Sent and waiting"),
    storage: t("Storage on this phone"),
    protected: t("Protected: the phone will not clear it by itself"),
    unprotected: t("Not protected: if the phone runs full it may clear unsent work. Put Crew311 on the home screen and send soon."),
    protect: t("Protect it"),
    used: (used: string, free: string) => t("{used} used, {free} free", { used, free }),
    install: t("Put Crew311 on the home screen"),
    installHint: t("In the browser's menu choose “Add to home screen”. It then opens like an app, and the phone guards its storage better."),
    theme: t("Screen"),
    themes: { auto: t("As the phone"), day: t("Day"), night: t("Night"), sun: t("Sun") },
    signOut: t("Sign out"),
    signOutNo: (n: number) => tn("{n} piece of work is not with the city yet. Signing out would leave it stuck on this phone. Send first, then sign out.", "{n} pieces of work are not with the city yet. Signing out would leave them stuck on this phone. Send first, then sign out.", n),
    signOutNeedsYou: (n: number) => tn("{n} piece of work needs you first. Look under “Sent and waiting”.", "{n} pieces of work need you first. Look under “Sent and waiting”.", n),
    signOutDraft: (n: number) => tn("{n} closing form is not finished. Finish or throw away first, then sign out.", "{n} closing forms are not finished. Finish or throw away first, then sign out.", n),
    signOutSure: t("Sign out now? Your jobs leave this phone; the city keeps everything."),
    signOutYes: t("Yes, sign out"),
    version: (v: string) => `Crew311 ${v}`,
    lookNow: t("Look now"),
    looking: t("Looking…"),
    lastContact: (at: string) => t("Last in touch {when}", { when: at }),
    neverContact: t("Never in touch yet"),
  },
  lock: {
    title: t("Lock on this phone"),
    set: t("Set a PIN"),
    hint: t("For a phone that others use, too: it locks after ten minutes and when it starts. Your work is sent all the same."),
    onHint: t("It locks after ten minutes and when it starts. Your work is sent all the same."),
    choose: t("A PIN of 4 to 8 digits"),
    again: t("The same once more"),
    short: t("Choose 4 to 8 digits."),
    differ: t("The two are not the same."),
    save: t("Keep this PIN"),
    now: t("Lock now"),
    off: t("Do without"),
    lead: (n: number) => (n === 0 ? t("This phone is locked.") : tn("This phone is locked. {n} piece of work is safe here and sent by itself.", "This phone is locked. {n} pieces of work are safe here and sent by themselves.", n)),
    pin: t("Your PIN"),
    open: tc("a locked phone", "Open"),
    wrong: t("This is not the PIN."),
    wait: (s: number) => tn("Too many tries. Wait {n} s, or use your password.", "Too many tries. Wait {n} s, or use your password.", s),
    other: t("Use a password, or be someone else"),
  },
  messages: {
    title: t("From the office"),
    count: (n: number) => (n === 0 ? t("Nothing new") : tn("{n} not read yet", "{n} not read yet", n)),
    read: t("I have read it"),
    none: t("The office has not written."),
    noneMore: t("What it changes about your jobs is told here, with the reason."),
    from: (by: string) => by || t("Dispatch"),
    all: t("All messages"),
    more: (n: number) => tn("{n} more", "{n} more", n),
  },
  waking: {
    title: t("Tell me when jobs change"),
    off: t("Off. Touch to be told while the phone is in your pocket."),
    on: t("On"),
    denied: t("Not allowed. Allow notifications for Crew311 in the phone's settings."),
    failed: t("It did not work just now. Touch to try again."),
    unsupported: t("This browser cannot. Crew311 looks by itself while it is open."),
    not_here: t("Your city does not send any. Crew311 looks by itself while it is open."),
  },
  shift: {
    title: t("Start shift"),
    planned: (from: string, to: string) => t("Your shift: {from} to {to}", { from, to }),
    next: (at: string) => t("Next shift {when}", { when: at }),
    none: t("No shift planned now"),
    start: t("Start shift"),
    change: t("Change who is here"),
    since: (at: string) => t("On shift since {time}", { time: at }),
    until: (at: string) => t("until {time}", { time: at }),
    rest: tc("pause", "Break"),
    resting: (at: string, minutes: number) => tn("Break since {time}, {n} min", "Break since {time}, {n} min", minutes, { time: at }),
    back: t("Back to work"),
    end: t("End shift"),
    endSure: t("Yes, end shift"),
    endLeft: (n: number) => (n === 0 ? t("Nothing is left to do.") : tn("{n} job is left. The office gives it to someone else.", "{n} jobs are left. The office gives them to someone else.", n)),
    stay: t("Not yet"),
    who: t("Who is here today?"),
    other: t("Someone else"),
    otherHint: t("Name"),
    add: t("Add"),
    vehicle: t("Vehicle"),
    vehicleHint: t("For example: Truck 12"),
    skills: t("What can you do today?"),
    skillsHint: t("Dispatch gives you only what you can do."),
    save: t("Start shift"),
    saveChange: t("Save"),
  },
  sync: {
    title: t("Sent and waiting"),
    onPhone: t("On this phone, not yet shown by the city"),
    nothing: t("Everything you did is with the city."),
    done: t("With the city, kept here 14 days"),
    retry: t("Send now"),
    nextTry: (at: string) => t("Next try by itself at {time}", { time: at }),
    retryOne: t("Send again"),
    rewrite: t("Mend it"),
    putAside: t("Put aside"),
    putAsideSure: t("Yes, the office knows. Put it aside"),
    attempts: (n: number, at: string) => tn("{n} try, last {when}", "{n} tries, last {when}", n, { when: at }),
    untried: t("Not tried yet"),
    export: t("Save unsent work to a file"),
    exportHint: t("For when this phone is broken or must be handed in. The file holds your words and photos."),
    exporting: t("Writing the file…"),
    exportBad: (n: number) => tn("{n} photo could not be read and is not in the file.", "{n} photos could not be read and are not in the file.", n),
    said: t("The city's answer"),
    field: (name: string, wrong: string) => `${name}: ${wrong}`,
  },
  update: { ready: t("New version ready"), use: t("Use it now"), later: t("It starts by itself when all is sent."), broken: t("This page could not be opened. Start Crew311 again when there is signal; nothing you saved is lost.") },
  storage: {
    title: t("We cannot open this phone's storage"),
    text: t("Nothing has been deleted. Close all other tabs of Crew311, then try again. If it stays like this, restart the phone."),
    newer: t("A newer Crew311 has been here. Close all tabs of it and open it again."),
    again: t("Try again"),
  },
});

/** The words in the language that is spoken now; whoever imports them sees them change. */
export let W = words();
export function sayAnew(): void {
  W = words();
}

function humanise(code: string): string {
  return capital(code.replace(/_/g, " "));
}

function capital(text: string): string {
  return text.charAt(0).toUpperCase() + text.slice(1);
}
