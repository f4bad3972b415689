/** Every word the phone says, in one place. One word for one thing; what happened, what it means, what happens next. */

import type { Lack } from "../core/draft";
import type { Line, Trouble } from "../core/line";
import type { Entry, EntryPhoto, EntryState } from "../core/outbox";
import type { Standing } from "../core/overlay";
import type { FormLack } from "../core/forms";
import type { HandBackReason, Kind } from "../core/wire";

import { size, when } from "../design/times";

export { ago, clock, due, dueLong, exactly, longDay, size, speakInZone, when } from "../design/times";

const inMiles = typeof navigator !== "undefined" && /^en-US\b/i.test(navigator.language);
/** What scales are round in. */
export const UNIT_M = inMiles ? 1609.344 : 1;
export function distance(metres: number): string {
  if (inMiles) {
    const feet = metres * 3.28084;
    return feet < 950 ? `${Math.max(10, Math.round(feet / 10) * 10)} ft` : `${(metres / 1609.344).toFixed(metres < 16_000 ? 1 : 0)} mi`;
  }
  return metres < 950 ? `${Math.max(5, Math.round(metres / 5) * 5)} m` : `${(metres / 1000).toFixed(metres < 10_000 ? 1 : 0)} km`;
}

const POINTS = ["north", "north-east", "east", "south-east", "south", "south-west", "west", "north-west"];
export const direction = (degrees: number) => POINTS[Math.round(degrees / 45) % 8] ?? "";

const count = (n: number, one: string, many = `${one}s`) => `${n} ${n === 1 ? one : many}`;

// ---- the line on top -----------------------------------------------------------------------------------------------

export function line(is: Line, nowMs: number): { text: string; more: string } {
  switch (is.is) {
    case "sign_in":
      return { text: is.waiting > 0 ? "Sign in again to send" : "Sign in again", more: is.waiting > 0 ? `${is.waiting} safe here` : "" };
    case "other_person":
      return { text: "Needs you", more: "This phone's work belongs to someone else" };
    case "needs_you":
      return { text: `${is.count} ${is.count === 1 ? "needs" : "need"} you`, more: is.waiting > 0 ? `${is.waiting} waiting` : "" };
    case "sending":
      return { text: "Sending…", more: is.photo !== null ? `photo ${is.photo.i} of ${is.photo.of}` : "" };
    case "waiting":
      return {
        text: `${is.count} waiting${is.why === "no_signal" || is.why === "next_try" ? " for signal" : ""}`,
        more: { no_signal: "safe here", next_try: "safe here", city_busy: "the city is busy, we try again", not_the_city: "this network is not letting us through", storage: "this phone's storage has trouble" }[is.why],
      };
    case "confirming":
      return { text: `${is.count} with the city`, more: "not confirmed yet" };
    case "received":
      return { text: `All received ${when(is.atMs, nowMs)}`, more: is.isStale ? "no signal now" : "" };
    case "never":
      return { text: is.isAsking ? "Fetching your jobs…" : "Not in touch with the city yet", more: "" };
  }
}

export const TROUBLE: Record<Trouble, string> = {
  no_signal: "We could not reach the city. Your work is safe on this phone; we try again by ourselves.",
  not_the_city: "Something answered, but it was not the city. Often this is the sign-in page of a Wi-Fi. Your work is safe on this phone; we try again by ourselves.",
  city_busy: "The city answered that it cannot take this just now. Your work is safe on this phone; we try again by ourselves.",
  sign_in: "The city asks who you are. Sign in again and everything that waits is sent.",
  other_person: "The city knows this phone's work under another name. Nothing is lost. Save it to a file below and call the office.",
  storage: "This phone's storage gave us trouble. Close other tabs of Crew311 and start it again. If it stays, save your work to a file below.",
};

/** What went wrong at the last try of one entry: the codes of loop/run.ts, in words. */
export function lastTrouble(note: string): string {
  const [code = "", status = "", ...words] = note.split(" ");
  const said = words.join(" ");
  switch (code as Trouble) {
    case "no_signal":
      return "No signal";
    case "not_the_city":
      return "Something answered that is not the city";
    case "city_busy":
      return said !== "" ? `The city said: ${said}` : `The city could not take it (${status})`;
    case "sign_in":
      return "The city asks you to sign in";
    case "other_person":
      return "The city knows this phone under another name";
    default:
      return "This phone's storage had trouble";
  }
}

// ---- jobs ----------------------------------------------------------------------------------------------------------

export const STATUS: Record<string, string> = {
  received: "Received",
  assigned: "Assigned",
  en_route: "On the way",
  on_site: "On site",
  closed: "Closed",
  reopened: "Reopened",
  withdrawn: "Withdrawn",
  merged: "Merged with another case",
};
export const status = (code: string) => STATUS[code] ?? humanise(code);

export function standing(is: Standing): string {
  switch (is.is) {
    case "settled":
      return "";
    case "saved":
      return "Saved on this phone";
    case "photos":
      return `Received by the city, photos ${is.arrived} of ${is.of}`;
    case "received":
      return "Received by the city";
    case "needs_you":
      return "Needs you";
  }
}

const REVIEW: Record<string, string> = {
  office_moved: "The office had changed this job in the meantime. Your work is kept; the office will look.",
  not_theirs: "The office gave this job to another crew. Your work is kept; the office will look.",
  closed_twice: "Two closings say different things. Yours is kept; the office will look.",
};
export const review = (code: string) => REVIEW[code] ?? "Your work is kept; the office will look.";

const OUTCOME: Record<string, [string, string]> = {
  fixed: ["Fixed", "Done for good"],
  made_safe: ["Made safe", "More work is needed later"],
  not_found: ["Not found", "Nothing to see here"],
  no_access: ["No access", "Gate, car or person in the way"],
  not_ours: ["Not ours", "Someone else has to do it"],
  duplicate: ["Duplicate", "There is another case for it"],
  scheduled: ["Scheduled", "Planned for another day"],
};
export const outcome = (code: string) => OUTCOME[code]?.[0] ?? humanise(code);
export const outcomeHint = (code: string) => OUTCOME[code]?.[1] ?? "";

export function detailLabel(code: string, needs: string): string {
  return { not_ours: "Whose is it?", duplicate: "Number of the other case", scheduled: "Which day is it planned for?" }[code] ?? capital(needs);
}
export const DETAIL_HINT: Record<string, string> = {
  not_ours: "For example: Water and Sewer, the state, the owner of the house",
  duplicate: "It looks like 26-004711",
};

export const LACK: Record<Lack, string> = {
  outcome: "Choose how it ended",
  detail: "Say whose it is",
  detail_number: "Give the number of the other case",
  detail_day: "Choose the day",
};

export const FORM_LACK: Record<FormLack, string> = {
  note: "Write the note first",
  photos: "Take a photo first",
  reason: "Choose why",
  reason_words: "Say in a few words why",
  service: "Choose the service",
  description: "Say in a few words what is needed",
  jobs: "Choose the jobs",
  outcome: "Choose how they ended",
  place: "We do not know where you are yet. Wait a moment under the open sky, or allow the position in the browser's settings.",
};

const PHRASES: Record<string, readonly string[]> = {
  fixed: ["Done as reported.", "Cleaned up.", "Part replaced.", "Tested, works."],
  made_safe: ["Fenced off.", "Cones set.", "Needs a second visit."],
  not_found: ["Looked all around, nothing there.", "Already gone when we came."],
  no_access: ["Gate locked.", "A car stands on it.", "Nobody opened."],
  not_ours: ["Private ground."],
};
export const phrases = (outcome: string | null) => PHRASES[outcome ?? ""] ?? [];

const HAND_BACK: Record<HandBackReason, string> = {
  wrong_trade: "Not our trade",
  too_far: "Too far away",
  no_equipment: "Tools or material missing",
  unsafe: "Not safe",
  no_time: "No time today",
  other: "Something else",
};
export const handBackReason = (code: HandBackReason) => HAND_BACK[code];

const KIND: Record<Kind, string> = {
  close: "Closed",
  accept: "Job read",
  decline: "Handed back",
  hand_back: "Handed back",
  en_route: "On my way",
  on_site: "On site",
  note: "Note",
  photos: "Photos",
  follow_up: "For another department",
  open: "New case",
  start_shift: "Shift started",
  begin_break: "Break",
  end_break: "Back from the break",
  end_shift: "Shift ended",
  read: "Message read",
};
export const kind = (code: Kind) => KIND[code];

// ---- the outbox ----------------------------------------------------------------------------------------------------

export const ENTRY: Record<EntryState, string> = {
  saved: "Saved on this phone",
  photos: "Received, photos on their way",
  received: "Received by the city",
  released: "Received by the city",
  needs_you: "Needs you",
};

export function entryState(entry: Entry, state: EntryState, arrived: number): string {
  if (state === "photos") return `Received, photos ${arrived} of ${entry.photos.length}`;
  if (state === "released" && entry.putAside) return "Put aside by you";
  return ENTRY[state];
}

const REASON: Record<string, string> = {
  unreadable: "The city could not read it. It is kept here and there; call the office.",
  id_reused: "The city has other work under the same mark. It is kept here and there; call the office.",
  seq_reused: "The city has other work under the same number. It is kept here and there; call the office.",
  unknown_case: "The city does not know this job. It may have been taken out; call the office.",
  device_revoked: "The office has switched this phone off. Your work is kept; call the office.",
};
export const reason = (code: string | null) => REASON[code ?? ""] ?? "The city kept it but did not apply it. Call the office.";

export function answer(entry: Entry): string {
  const given = entry.answer;
  if (given === null) return "The city has not answered yet";
  switch (given.verdict) {
    case "counted":
      return given.review !== null ? review(given.review) : "The city has it and it counts";
    case "superseded":
      return "The city has it; the job had already moved on";
    case "needs_review":
      return review(given.review ?? "");
    case "quarantined":
      return reason(given.reason);
  }
}

export function photo(it: EntryPhoto, n: number): string {
  const name = `Photo ${n}, ${it.kind}, ${size(it.size)}`;
  if (it.verified) return `${name}: with the city`;
  if (it.bytes === "unreadable") return `${name}: this phone's storage lost it. Take it again if you can, and call the office.`;
  if (it.bytes === "dropped") return `${name}: the city lost it, and this phone no longer has it. Call the office.`;
  if (it.refused !== null) return `${name}: the city did not take it. Try again, or save your work to a file.`;
  if (it.sentBytes > 0) return `${name}: ${Math.floor((it.sentBytes / it.size) * 100)}% sent`;
  return `${name}: on this phone`;
}

const MESSAGE: Record<string, string> = {
  taken: "This job is no longer yours",
  withdrawn: "The office withdrew this job",
  merged: "This job is the same as another",
  urgent: "This job is urgent now",
  reopened: "A job you closed is open again",
  review_accepted: "The office accepted your closing",
  review_dismissed: "The office did not accept your closing",
};
/** What happened, of a message about a case; "" where somebody wrote in their own words. */
export const messageHead = (kind: string) => MESSAGE[kind] ?? "";

/** What a woken phone shows on its lock screen: how many, and of whom nothing. */
export function notification(kind: string, n: number): string {
  switch (kind) {
    case "new_job":
      return n === 1 ? "You have a new job." : `You have ${n} new jobs.`;
    case "urgent":
      return "Urgent: a job needs you now.";
    case "job_away":
      return n === 1 ? "A job has left your list." : `${n} jobs have left your list.`;
    case "message":
      return n === 1 ? "The office has written to you." : `The office has written to you ${n} times.`;
    default:
      return "Your jobs have changed.";
  }
}

export const W = {
  appName: "Crew311",
  tabs: { jobs: "Jobs", map: "Map", me: "Me" },
  signIn: {
    lead: "Today's jobs, with or without signal.",
    email: "Email",
    password: "Password",
    show: "Show",
    hide: "Hide",
    submit: "Sign in",
    busy: "Signing in…",
    again: "Sign in again",
    againLead: (name: string) => `The city asks who you are, ${name}. Your work is safe on this phone.`,
    back: "Not now",
    wrong: "This email and password do not go together. Check both and try again.",
    noCrew: "You are signed in with the city, but in no crew. Ask your dispatcher to put you in one.",
    noAnswer: "We could not reach the city. To sign in you need signal this one time.",
    notTheCity: "Something answered, but it was not the city. Often this is the sign-in page of a Wi-Fi. Open a web page to get past it, then try again.",
    busyCity: "The city cannot sign you in just now. Try again in a minute.",
    tooMany: "Too many tries. Wait a few minutes, then try again.",
    fill: "Fill in both your email and your password.",
    others: (name: string, n: number) => `${count(n, "piece")} of ${name}'s work ${n === 1 ? "is" : "are"} still on this phone. ${n === 1 ? "It waits" : "They wait"} until ${name} signs in here.`,
    switchedOff: "The office has switched this phone off. What it showed is gone from it; what was not sent is kept for the office. Found it again? Call the office.",
    stillWaiting: (name: string, n: number) => `${name} has ${n} unsent on this phone. Only ${name} can sign in here until that is sent.`,
  },
  jobs: {
    next: "Next",
    later: "Then",
    done: "Done",
    left: (n: number) => (n === 0 ? "Nothing left to do" : `${count(n, "job")} to do`),
    none: "No jobs just now",
    noneMore: "New jobs come by themselves when there is signal.",
    allDone: "All done",
    allDoneMore: "Every job on this phone is closed.",
    fetching: "Fetching your jobs…",
    fetchingMore: "This takes a few seconds with signal.",
    neverMore: "We could not fetch your jobs yet. We try again by ourselves as soon as there is signal.",
    urgent: "Urgent",
    draft: "Started closing",
    away: "With the office",
    found: "Found something? New case",
    goOnFound: "Go on with your new case",
    far: "Show how far",
    late: "Late",
    review: "Office will look",
  },
  job: {
    back: "Back",
    case: (number: string) => `Case ${number}`,
    gone: "This job is no longer on this phone",
    goneMore: "The office has given it to someone else or closed it. Work you did on it is safe and is sent all the same.",
    toJobs: "Back to jobs",
    navigate: "Navigate",
    maps: "Open in Google Maps",
    copy: "Copy address",
    copyShort: "Address",
    copied: "Copied",
    told: "What the resident says",
    reported: (at: string) => `Reported ${at}`,
    notes: "Notes",
    more: "More",
    addNote: "Add a note",
    addPhotos: "Add photos",
    handBack: "Cannot do this job",
    followUp: "Needs another department",
    newCase: "New case, no number yet",
    newHere: "Your new case",
    noAddress: "No street address",
    givenBack: "Handed back",
    givenBackWaiting: "Handed back, waiting to be sent",
    reportedByYou: "New case for the office",
    followedUp: (service: string) => `For another department: ${service}`,
    photosAdded: (n: number) => count(n, "photo"),
    enRoute: "On my way",
    onSite: "On site",
    here: (where: string) => `You are at ${where}.`,
    close: "Close this job",
    closeShort: "Close",
    goOn: "Go on closing",
    noPlace: "No position for this job. Use the address.",
    noPhoto: "Photo comes when there is signal",
    photoOf: "The resident's photo",
    photoCrew: "A crew's photo",
    you: "You",
    north: "N",
    notMine: "This job is no longer yours. You still see it because you worked on it.",
    closed: (word: string) => `Closed: ${word}`,
  },
  close: {
    title: "Close job",
    how: "How did it end?",
    photos: "Photos",
    before: "Before",
    after: "After",
    camera: "Camera",
    gallery: "Gallery",
    preparing: "Keeping photo…",
    remove: "Remove this photo",
    tooMany: "Ten photos are the most for one job.",
    tooLarge: "This photo is larger than 20 MB, so the city would not take it. Take a smaller one.",
    photoEmpty: "The camera gave us an empty photo. Please take it again.",
    photoLost: "This phone's storage did not keep the photo. Please take it again.",
    full: "This phone is full, so this could not be kept. Free some room (old photos, videos), then do it once more. What was saved before is safe.",
    short: (left: string) => `This phone is almost full${left}. Photos may not fit. Free some room (old photos, videos) before you take them.`,
    notSaved: "This phone's storage did not keep it. Your form is still here; try once more.",
    note: "Note",
    phrases: "Words to choose from",
    minutes: "Minutes of work",
    materials: "Material used",
    materialsHint: "For example: 2 bags of asphalt",
    near: (far: string) => `Saved from ${far} away`,
    far: (far: string) => `You are ${far} away from the job. The closing says so.`,
    noteHint: "Optional. What the next person should know.",
    save: "Save and close job",
    saving: "Saving…",
    discard: "Throw this form away",
    discardSure: "Yes, throw away form and photos",
    moved: "The office changed this job while you were writing. What you save is kept, and the office will look at it.",
    movedUse: "Use the job as it is now",
    saved: "Saved on this phone. It will be sent when there is signal.",
    received: "Received by the city.",
    receivedPhotos: (arrived: number, of: number) => `Received by the city. Photos ${arrived} of ${of}; the rest follows by itself.`,
  },
  lens: {
    take: "Take photo",
    retake: "Take again",
    use: "Use it",
    more: "Use it, one more",
    mark: "Mark on the photo",
    undo: "Undo",
    done: "Keep",
    drawing: "Draw on the photo with your finger",
    starting: "The camera starts…",
    close: "Close the camera",
  },
  batch: {
    title: "Close several at once",
    open: "Close several at once",
    which: "Which ones?",
    how: "How did they end?",
    photosHint: "The photos go to each of them.",
    save: (n: number) => (n === 0 ? "Save and close" : `Save and close ${count(n, "job")}`),
  },
  note: { title: "Add a note", label: "Note for the office", hint: "", save: "Save note" },
  photos: { title: "Add photos", label: "", hint: "", save: "Save photos" },
  give_back: {
    title: "Cannot do this job",
    why: "Why not?",
    label: "In your words",
    hint: "Optional. The office and the next crew read it.",
    save: "Hand this job back",
  },
  follow_up: {
    title: "Needs another department",
    label: "What is needed?",
    hint: "A new case at the same place. The office finds who does it; your job stays yours.",
    save: "Send it on",
  },
  open: {
    title: "New case",
    label: "What did you find?",
    hint: "Optional.",
    where: "Where is it?",
    here: (within: string) => `Where you are, within ${within}`,
    again: "Update",
    seeking: "Finding where you are…",
    address: "Address or crossing (optional)",
    keep: "We do it now",
    keepYes: "It becomes your job, and you can close it here.",
    keepNo: "The office finds a crew for it.",
    save: "Save new case",
    saveKeep: "Save and do it now",
  },
  service: {
    label: "Which service?",
    placeholder: "Type a word: light, tree, water",
    change: "Change",
    none: "No service has this word. Try another, or fewer letters.",
    never: "The list of services is not on this phone yet. It comes by itself with signal; what you write is kept.",
  },
  map: {
    title: "Map",
    none: "No open jobs with a position",
    locate: "Show where I am",
    denied: "This phone does not share its position with Crew311. You can allow it in the browser's settings.",
    nearer: "Nearer",
    farther: "Farther",
    before: "The job before",
    after: "The next job",
  },
  me: {
    doors: "More about my day",
    sync: "Sent and waiting",
    storage: "Storage on this phone",
    protected: "Protected: the phone will not clear it by itself",
    unprotected: "Not protected: if the phone runs full it may clear unsent work. Put Crew311 on the home screen and send soon.",
    protect: "Protect it",
    used: (used: string, free: string) => `${used} used, ${free} free`,
    install: "Put Crew311 on the home screen",
    installHint: "In the browser's menu choose “Add to home screen”. It then opens like an app, and the phone guards its storage better.",
    theme: "Screen",
    themes: { auto: "As the phone", day: "Day", night: "Night", sun: "Sun" },
    signOut: "Sign out",
    signOutNo: (n: number) => `${count(n, "piece")} of work ${n === 1 ? "is" : "are"} not with the city yet. Signing out would leave ${n === 1 ? "it" : "them"} stuck on this phone. Send first, then sign out.`,
    signOutNeedsYou: (n: number) => `${count(n, "piece")} of work ${n === 1 ? "needs" : "need"} you first. Look under “Sent and waiting”.`,
    signOutDraft: (n: number) => `${count(n, "closing form")} ${n === 1 ? "is" : "are"} not finished. Finish or throw away first, then sign out.`,
    signOutSure: "Sign out now? Your jobs leave this phone; the city keeps everything.",
    signOutYes: "Yes, sign out",
    version: (v: string) => `Crew311 ${v}`,
    lookNow: "Look now",
    looking: "Looking…",
    lastContact: (at: string) => `Last in touch ${at}`,
    neverContact: "Never in touch yet",
  },
  lock: {
    title: "Lock on this phone",
    set: "Set a PIN",
    hint: "For a phone that others use, too: it locks after ten minutes and when it starts. Your work is sent all the same.",
    onHint: "It locks after ten minutes and when it starts. Your work is sent all the same.",
    choose: "A PIN of 4 to 8 digits",
    again: "The same once more",
    short: "Choose 4 to 8 digits.",
    differ: "The two are not the same.",
    save: "Keep this PIN",
    now: "Lock now",
    off: "Do without",
    lead: (n: number) => (n === 0 ? "This phone is locked." : `This phone is locked. ${count(n, "piece")} of work ${n === 1 ? "is" : "are"} safe here and sent by ${n === 1 ? "itself" : "themselves"}.`),
    pin: "Your PIN",
    open: "Open",
    wrong: "This is not the PIN.",
    wait: (s: number) => `Too many tries. Wait ${s} s, or use your password.`,
    other: "Use a password, or be someone else",
  },
  messages: {
    title: "From the office",
    count: (n: number) => (n === 0 ? "Nothing new" : `${n} not read yet`),
    read: "I have read it",
    none: "The office has not written.",
    noneMore: "What it changes about your jobs is told here, with the reason.",
    from: (by: string) => by || "Dispatch",
    all: "All messages",
    more: (n: number) => `${n} more`,
  },
  waking: {
    title: "Tell me when jobs change",
    off: "Off. Touch to be told while the phone is in your pocket.",
    on: "On",
    denied: "Not allowed. Allow notifications for Crew311 in the phone's settings.",
    failed: "It did not work just now. Touch to try again.",
    unsupported: "This browser cannot. Crew311 looks by itself while it is open.",
    not_here: "Your city does not send any. Crew311 looks by itself while it is open.",
  },
  shift: {
    title: "Start shift",
    planned: (from: string, to: string) => `Your shift: ${from} to ${to}`,
    next: (at: string) => `Next shift ${at}`,
    none: "No shift planned now",
    start: "Start shift",
    change: "Change who is here",
    since: (at: string) => `On shift since ${at}`,
    until: (at: string) => `until ${at}`,
    rest: "Break",
    resting: (at: string, minutes: number) => `Break since ${at}, ${minutes} min`,
    back: "Back to work",
    end: "End shift",
    endSure: "Yes, end shift",
    endLeft: (n: number) => (n === 0 ? "Nothing is left to do." : `${count(n, "job")} ${n === 1 ? "is" : "are"} left. The office gives ${n === 1 ? "it" : "them"} to someone else.`),
    stay: "Not yet",
    who: "Who is here today?",
    other: "Someone else",
    otherHint: "Name",
    add: "Add",
    vehicle: "Vehicle",
    vehicleHint: "For example: Truck 12",
    skills: "What can you do today?",
    skillsHint: "Dispatch gives you only what you can do.",
    save: "Start shift",
    saveChange: "Save",
  },
  sync: {
    title: "Sent and waiting",
    onPhone: "On this phone, not yet shown by the city",
    nothing: "Everything you did is with the city.",
    done: "With the city, kept here 14 days",
    retry: "Send now",
    nextTry: (at: string) => `Next try by itself at ${at}`,
    retryOne: "Send again",
    rewrite: "Mend it",
    putAside: "Put aside",
    putAsideSure: "Yes, the office knows. Put it aside",
    attempts: (n: number, at: string) => `${count(n, "try", "tries")}, last ${at}`,
    untried: "Not tried yet",
    export: "Save unsent work to a file",
    exportHint: "For when this phone is broken or must be handed in. The file holds your words and photos.",
    exporting: "Writing the file…",
    exportBad: (n: number) => `${count(n, "photo")} could not be read and ${n === 1 ? "is" : "are"} not in the file.`,
    said: "The city's answer",
    field: (name: string, wrong: string) => `${name}: ${wrong}`,
  },
  update: { ready: "New version ready", use: "Use it now", later: "It starts by itself when all is sent.", broken: "This page could not be opened. Start Crew311 again when there is signal; nothing you saved is lost." },
  storage: {
    title: "We cannot open this phone's storage",
    text: "Nothing has been deleted. Close all other tabs of Crew311, then try again. If it stays like this, restart the phone.",
    newer: "A newer Crew311 has been here. Close all tabs of it and open it again.",
    again: "Try again",
  },
} as const;

function humanise(code: string): string {
  return capital(code.replace(/_/g, " "));
}

function capital(text: string): string {
  return text.charAt(0).toUpperCase() + text.slice(1);
}
