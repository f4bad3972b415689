import { useEffect, useState } from "preact/hooks";
import type { FormName } from "../core/forms";
import type { Card } from "../core/overlay";
import type { CaseKey } from "../core/wire";
import { bearingFrom, metresBetween, offsetFrom } from "../core/places";
import { stateOf, type Entry } from "../core/outbox";
import { useApp } from "./app";
import { Icon, type IconName } from "../design/icons";
import { At, Badge, CityPhoto, Dialog, distanceTo, Gone, Head, isHere, Link, Notice, OwnPhoto, placeName, StatusBadge, whereabouts } from "./parts";
import { go, goBack } from "./router";
import { ago, due, dueLong, entry as entryWords, far as farWords, outcome, review, standing, W, when } from "./words";

/** A job seen for less was opened by mistake; one set out for meanwhile was surely read. */
const READ_MS = 3_000;

export function JobPage({ id }: { id: CaseKey }) {
  const { app, nowMs } = useApp();
  const card = app.cardOf(id, nowMs);
  useEffect(() => {
    if (card === null) return;
    const timer = setTimeout(() => void app.accept(card.job).catch(() => {}), READ_MS);
    return () => clearTimeout(timer);
  }, [card?.job.id, card?.job.round]);
  if (card === null) return <Gone />;
  const { job } = card;
  const said = card.left === "given_back" && card.standing.is === "saved" ? W.job.givenBackWaiting : standing(card.standing);
  const far = distanceTo(card);
  return (
    <main class={`page${card.isOpen ? " page-acting" : ""}`}>
      <Head title={placeName(job)} back={() => goBack({ at: "jobs" })} />
      <p class="job-what">{job.service}</p>
      {card.isOpen && (far !== null || job.dueAt !== null) && (
        <p class="card-facts job-facts">
          {far !== null && <span class="fact">{far}</span>}
          {job.dueAt !== null && (
            <span class={`fact${card.isLate ? " fact-late" : ""}`}>
              {card.isLate && <Icon name="late" size={18} />}
              <At ms={Date.parse(job.dueAt)}>{due(Date.parse(job.dueAt), nowMs)}</At>
            </span>
          )}
        </p>
      )}
      <p class="card-badges">
        {job.urgent && card.isOpen && <Badge code="late" word={W.jobs.urgent} icon="alert" />}
        {card.status === "closed" && card.outcome !== null ? <Badge code="closed" word={W.job.closed(outcome(card.outcome))} /> : <StatusBadge card={card} />}
        {card.review !== null && <Badge code="review" word={W.jobs.review} />}
      </p>
      {said !== "" && (
        <Link to={{ at: "sync" }} class={`card-standing standing-${card.standing.is}`}>
          <Icon name={card.standing.is === "saved" ? "phone" : card.standing.is === "needs_you" ? "alert" : "city"} size={18} />
          {said}
        </Link>
      )}
      {card.review !== null && (
        <Notice tone="warn" icon="review">
          {review(card.review)}
        </Notice>
      )}
      {!job.mine && card.left === null && card.review === null && (
        <Notice tone="calm" icon="jobs">
          {W.job.notMine}
        </Notice>
      )}
      {card.isOpen && <HandOff card={card} />}
      <Photos card={card} />
      {job.description !== "" && (
        <section>
          <h2 class="label">{W.job.told}</h2>
          <p class="told" dir="auto">{job.description}</p>
        </section>
      )}
      <Where card={card} />
      <dl class="facts">
        {job.dueAt !== null && (
          <div>
            <dt>
              <Icon name="late" size={20} />
            </dt>
            <dd class={card.isLate ? "fact-late" : ""}>
              <At ms={Date.parse(job.dueAt)}>{dueLong(Date.parse(job.dueAt), nowMs)}</At>
            </dd>
          </div>
        )}
        {job.openedAt !== null && (
          <div>
            <dt>
              <Icon name="received" size={20} />
            </dt>
            <dd>
              {job.number === "" ? W.job.newCase : W.job.case(job.number)} · <At ms={Date.parse(job.openedAt)}>{W.job.reported(ago(Date.parse(job.openedAt), nowMs))}</At>
            </dd>
          </div>
        )}
        {job.why !== "" && (
          <div>
            <dt>
              <Icon name="me" size={20} />
            </dt>
            <dd dir="auto">{job.why}</dd>
          </div>
        )}
      </dl>
      <Notes card={card} />
      <More card={card} />
      {card.isOpen && <Actions card={card} />}
    </main>
  );
}

function Photos({ card }: { card: Card }) {
  const [shown, show] = useState<string | null>(null);
  const { photos } = card.job;
  if (photos.length === 0) return null;
  const alt = (kind: string) => (kind === "reported" ? W.job.photoOf : W.job.photoCrew);
  return (
    <div class={`job-photos${photos.length > 1 ? " job-photos-many" : ""}`}>
      {photos.map((photo) => (
        <button type="button" key={photo.id} class="photo-button" onClick={() => show(photo.url)} aria-label={alt(photo.kind)}>
          <CityPhoto class="job-photo" url={photo.url} alt={alt(photo.kind)} />
        </button>
      ))}
      {shown !== null && (
        <Dialog label={W.job.photoOf} onClose={() => show(null)}>
          <CityPhoto class="viewer-photo" url={shown} alt={W.job.photoOf} />
        </Dialog>
      )}
    </div>
  );
}

/** The hand-off to a map that knows the streets, and the address to copy. */
function HandOff({ card }: { card: Card }) {
  const [isCopied, setCopied] = useState(false);
  const { lat, lon, number } = card.job;
  const address = whereabouts(card.job);
  const copy = async () => {
    try {
      await navigator.clipboard.writeText(address);
      setCopied(true);
      setTimeout(() => setCopied(false), 3000);
    } catch {
      // The address stands there to be read.
    }
  };
  const geo = `geo:${lat},${lon}?q=${lat},${lon}(${encodeURIComponent(`${number} ${address}`)})`;
  return (
    <div class="row">
      {lat !== null && lon !== null && (
        <a class="button" href={isAndroid ? geo : googleMaps(lat, lon)} target={isAndroid ? undefined : "_blank"} rel="noopener noreferrer" data-testid="navigate">
          <Icon name="navigate" /> {W.job.navigate}
        </a>
      )}
      <button type="button" class="button" aria-label={W.job.copy} data-testid="copy-address" onClick={() => void copy()}>
        <Icon name={isCopied ? "closed" : "copy"} /> <span aria-live="polite">{isCopied ? W.job.copied : W.job.copyShort}</span>
      </button>
    </div>
  );
}

const isAndroid = /Android/i.test(navigator.userAgent);
const googleMaps = (lat: number, lon: number) => `https://www.google.com/maps/dir/?api=1&destination=${lat},${lon}&travelmode=driving`;

/** Where it is: a sketch of me and the job. */
function Where({ card }: { card: Card }) {
  const { app } = useApp();
  const { lat, lon } = card.job;
  return (
    <section class="where">
      {lat !== null && lon !== null && <Sketch job={{ lat, lon }} me={app.position} />}
      <p class="address">
        <bdi>{whereabouts(card.job) || W.job.noPlace}</bdi>
      </p>
      {isAndroid && lat !== null && lon !== null && (
        <a href={googleMaps(lat, lon)} target="_blank" rel="noopener noreferrer">
          {W.job.maps}
        </a>
      )}
    </section>
  );
}

function Sketch({ job, me }: { job: { lat: number; lon: number }; me: { lat: number; lon: number } | null }) {
  const WIDE = 320;
  const HIGH = 120;
  const metres = me === null ? null : metresBetween(me, job);
  let from = { x: WIDE / 2, y: HIGH / 2 };
  let to = { x: WIDE / 2, y: HIGH / 2 };
  if (me !== null && metres !== null && metres > 1) {
    const { eastM, northM } = offsetFrom(me, job);
    const scale = Math.min((WIDE - 110) / Math.max(Math.abs(eastM), 1), (HIGH - 56) / Math.max(Math.abs(northM), 1));
    from = { x: WIDE / 2 - (eastM * scale) / 2, y: HIGH / 2 + (northM * scale) / 2 };
    to = { x: WIDE / 2 + (eastM * scale) / 2, y: HIGH / 2 - (northM * scale) / 2 };
  }
  return (
    <figure class="sketch">
      <svg viewBox={`0 0 ${WIDE} ${HIGH}`} role="img" aria-label={metres === null || me === null ? `${job.lat.toFixed(5)}, ${job.lon.toFixed(5)}` : farWords(metres, bearingFrom(me, job))}>
        <g class="sketch-grid">
          {[40, 80, 120, 160, 200, 240, 280].map((x) => (
            <path key={x} d={`M${x} 0v${HIGH}`} />
          ))}
          {[30, 60, 90].map((y) => (
            <path key={y} d={`M0 ${y}h${WIDE}`} />
          ))}
        </g>
        <g class="sketch-north">
          <path d={`M${WIDE - 18} 30V12l-5 7m5-7l5 7`} />
          <text x={WIDE - 18} y="44">
            {W.job.north}
          </text>
        </g>
        {me !== null && <path class="sketch-line" d={`M${from.x} ${from.y}L${to.x} ${to.y}`} />}
        {me !== null && <circle class="dot-me" cx={from.x} cy={from.y} r="7" />}
        <path class="dot-pin" transform={`translate(${to.x - 14} ${to.y - 26}) scale(1.17)`} d="M20 10c0 4.993-5.539 10.193-7.399 11.799a1 1 0 0 1-1.202 0C9.539 20.193 4 14.993 4 10a8 8 0 0 1 16 0" />
        <circle class="dot-pin-eye" cx={to.x} cy={to.y - 14.5} r="3.4" />
      </svg>
      <figcaption>
        {metres === null || me === null ? `${job.lat.toFixed(5)}, ${job.lon.toFixed(5)}` : farWords(metres, bearingFrom(me, job))}
      </figcaption>
    </figure>
  );
}

/** What was said about this job: by the office, by the crew, and what of that the city does not show yet. */
function Notes({ card }: { card: Card }) {
  const { app, nowMs } = useApp();
  const own = app.entriesOf(card.job).filter(({ kind }) => kind === "note" || kind === "photos" || kind === "follow_up");
  if (card.job.notes.length === 0 && own.length === 0) return null;
  return (
    <section class="notes">
      <h2 class="label">{W.job.notes}</h2>
      <ul>
        {card.job.notes.map((note) => (
          <li key={note.id}>
            <p dir="auto">{note.text}</p>
            <p class="quiet">
              {note.by} · <At ms={Date.parse(note.at)}>{when(Date.parse(note.at), nowMs)}</At>
            </p>
          </li>
        ))}
        {own.map((entry) => (
          <li key={entry.id}>
            <p>{saidBy(entry)}</p>
            {entry.photos.length > 0 && (
              <div class="photo-strip">
                {entry.photos.map((photo) => (
                  <OwnPhoto key={photo.id} class="photo-thumb" photo={photo} alt="" />
                ))}
              </div>
            )}
            <p class="quiet">
              {W.job.you} · {when(entry.made.wallMs, nowMs)} · {entryWords(stateOf(entry))}
            </p>
          </li>
        ))}
      </ul>
    </section>
  );
}

function saidBy({ payload, kind, about, photos }: Entry): string {
  if ("text" in payload) return String(payload.text);
  return kind === "follow_up" ? W.job.followedUp(about.service) : W.job.photosAdded(photos.length);
}

/** What a crew may also want: plain to see, below what it came for. */
function More({ card }: { card: Card }) {
  const { job, isOpen, left } = card;
  if (left !== null) return null;
  const door = (form: FormName, name: IconName, words: string, testid: string) => (
    <Link to={{ at: "form", form, id: job.id }} class="button" data-testid={testid}>
      <Icon name={name} /> <span>{words}</span>
    </Link>
  );
  return (
    <section>
      <h2 class="label">{W.job.more}</h2>
      <div class="doors">
        {door("note", "pencil", W.job.addNote, "add-note")}
        {door("photos", "camera", W.job.addPhotos, "add-photos")}
        {door("follow_up", "not_ours", W.job.followUp, "follow-up")}
        {isOpen && door("give_back", "given_back", W.job.handBack, "hand-back")}
      </div>
    </section>
  );
}

/** The one thing to do next is the big button; what else may be done stands above it. */
function Actions({ card }: { card: Card }) {
  const { app } = useApp();
  const { job } = card;
  const isDraft = app.isClosing(job);
  const canSetOut = card.status === "assigned" && !isHere(card);
  const canArrive = card.status === "assigned" || card.status === "en_route";
  const arrive = (isMain: boolean) => (
    <button type="button" class={`button${isMain ? " button-main" : ""}`} data-testid="job-on-site" onClick={() => void app.progress(job, "on_site")}>
      <Icon name="on_site" /> {W.job.onSite}
    </button>
  );
  const close = (isMain: boolean) => (
    <button type="button" class={`button${isMain ? " button-main" : ""}`} data-testid="job-close" onClick={() => go({ at: "close", id: job.id })}>
      <Icon name="closed" /> {isDraft ? W.job.goOn : isMain ? W.job.close : W.job.closeShort}
    </button>
  );
  return (
    <div class="actions">
      {canArrive && (
        <div class="row">
          {canSetOut && arrive(false)}
          {close(false)}
        </div>
      )}
      {canSetOut ? (
        <button type="button" class="button button-main" data-testid="job-en-route" onClick={() => void app.progress(job, "en_route")}>
          <Icon name="en_route" /> {W.job.enRoute}
        </button>
      ) : canArrive ? (
        arrive(true)
      ) : (
        close(true)
      )}
    </div>
  );
}
