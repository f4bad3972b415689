import { useMemo } from "preact/hooks";
import type { Card } from "../core/overlay";
import { Icon } from "../design/icons";
import { app, useApp } from "./app";
import { Unread } from "./messages";
import { ShiftBar } from "./shift";
import { Arrived, CityPhoto, distanceTo, Link, placeName, StatusBadge, Badge } from "./parts";
import { due, longDay, standing, W } from "./words";

export function Jobs() {
  const { nowMs } = useApp();
  const { open, done: notOpen } = app.day(nowMs);
  const done = notOpen.filter((card) => card.left === null);
  const left = notOpen.filter((card) => card.left !== null);
  const [next, ...then] = open;
  const isNever = app.lastContactMs === null;
  // Drawn anew only when a card may look different: where the crew is counts by ten metres, the time by half minutes.
  const { lat = 0, lon = 0 } = app.position ?? {};
  const rows = useMemo(() => then.map((card) => <Row key={card.job.id} card={card} nowMs={nowMs} />), [open, app.drafts, Math.round(lat * 1e4), Math.round(lon * 1e4), Math.floor(nowMs / 30_000)]);
  return (
    <main class="page">
      <header class="day">
        <h1>{longDay(nowMs)}</h1>
        <p>
          {app.identity?.crew.name} · {isNever && open.length === 0 ? W.jobs.fetching : W.jobs.left(open.length)}
        </p>
      </header>
      <ShiftBar />
      <Unread />
      {next !== undefined && <Arrived card={next} />}
      {app.positionState === "prompt" && open.length > 0 && (
        <button type="button" class="button button-quiet" onClick={() => app.watchPosition()}>
          <Icon name="locate" /> {W.jobs.far}
        </button>
      )}
      {next !== undefined && (
        <section aria-labelledby="next">
          <h2 id="next" class="label">
            {W.jobs.next}
          </h2>
          <JobCard card={next} nowMs={nowMs} isNext />
        </section>
      )}
      {next === undefined && (
        <div class="empty">
          <Icon name={done.length > 0 ? "closed" : "jobs"} size={40} />
          <p class="empty-title">{done.length > 0 ? W.jobs.allDone : isNever ? W.jobs.fetching : W.jobs.none}</p>
          <p>
            {done.length > 0 ? W.jobs.allDoneMore : isNever ? (app.news.trouble === null ? W.jobs.fetchingMore : W.jobs.neverMore) : W.jobs.noneMore}
          </p>
        </div>
      )}
      {then.length > 0 && (
        <section aria-labelledby="then">
          <h2 id="then" class="label">
            {W.jobs.later}
          </h2>
          <ol class="cards">
            {rows}
          </ol>
        </section>
      )}
      {open.length > 1 && (
        <Link to={{ at: "form", form: "batch", id: null }} class="button" data-testid="batch">
          <Icon name="jobs" /> {W.batch.open}
        </Link>
      )}
      {left.length > 0 && (
        <section aria-labelledby="left">
          <h2 id="left" class="label">
            {W.jobs.away}
          </h2>
          <ul class="cards">
            {left.map((card) => (
              <li key={card.job.id}>
                <JobCard card={card} nowMs={nowMs} />
              </li>
            ))}
          </ul>
        </section>
      )}
      {done.length > 0 && (
        <section aria-labelledby="done">
          <h2 id="done" class="label">
            {W.jobs.done}
          </h2>
          <ul class="cards">
            {done.map((card) => (
              <li key={card.job.id}>
                <JobCard card={card} nowMs={nowMs} />
              </li>
            ))}
          </ul>
        </section>
      )}
      <Link to={{ at: "form", form: "open", id: null }} class="button button-found" data-testid="new-case">
        <Icon name="plus" /> {app.forms.some(({ form }) => form === "open") ? W.jobs.goOnFound : W.jobs.found}
      </Link>
    </main>
  );
}

function Row({ card, nowMs }: { card: Card; nowMs: number }) {
  return (
    <li>
      <JobCard card={card} nowMs={nowMs} />
    </li>
  );
}

/** Largest first: where, what, how far and by when. */
function JobCard({ card, nowMs, isNext = false }: { card: Card; nowMs: number; isNext?: boolean }) {
  const { job } = card;
  const thumb = job.photos.find((photo) => photo.kind === "reported") ?? job.photos[0];
  const isDraft = app.isClosing(job);
  const far = distanceTo(card);
  const isWithCity = !card.isOpen && card.standing.is === "settled" && card.outcome !== null;
  const shown = isWithCity ? ({ is: "received" } as const) : card.standing;
  const said = card.left === "given_back" && shown.is === "saved" ? W.job.givenBackWaiting : standing(shown);
  return (
    <Link to={{ at: "job", id: job.id }} class={`card${isNext ? " card-next" : ""}${card.isOpen ? "" : " card-done"}`} data-testid="job-card" data-case={job.number || job.id} data-status={card.status}>
      <span class="card-text">
        <strong class="card-where">{placeName(job)}</strong>
        <span class="card-what">{job.service}</span>
        {card.isOpen ? (
          <span class="card-facts">
            {far !== null && <span class="fact">{far}</span>}
            {job.dueAt !== null && (
              <span class={`fact${card.isLate ? " fact-late" : ""}`}>
                {card.isLate && <Icon name="late" size={18} />}
                {due(Date.parse(job.dueAt), nowMs)}
              </span>
            )}
          </span>
        ) : null}
        <span class="card-badges">
          {job.urgent && card.isOpen && <Badge code="late" word={W.jobs.urgent} icon="alert" />}
          <StatusBadge card={card} />
          {card.review !== null && <Badge code="review" word={W.jobs.review} />}
          {isDraft && <Badge code="draft" word={W.jobs.draft} icon="camera" />}
        </span>
        {said !== "" && (
          <span class={`card-standing standing-${shown.is}`}>
            <Icon name={shown.is === "saved" ? "phone" : shown.is === "needs_you" ? "alert" : "city"} size={18} />
            {said}
          </span>
        )}
      </span>
      {thumb !== undefined && <CityPhoto class="card-photo" url={isNext ? thumb.url : thumb.thumb} alt="" />}
    </Link>
  );
}
