import { useRef } from "preact/hooks";
import { lackOf, isEmptyDraft } from "../core/draft";
import type { CaseKey, Job } from "../core/wire";
import { app, useApp } from "./app";
import { Discard, Foot, HowFar, Phrases, PhotoRow, ShortOfRoom, useWritten } from "./form";
import { Icon, outcomeIcon } from "../design/icons";
import { Gone, Head, Notice, placeName } from "./parts";
import { go, goBack } from "./router";
import { detailHint, detailLabel, lack, outcome, outcomeHint, W } from "./words";

export function ClosePage({ id }: { id: CaseKey }) {
  const { nowMs } = useApp();
  // The job as it was when the form opened, should the office take it away meanwhile.
  const seen = useRef<Job | null>(null);
  const card = app.cardOf(id, nowMs);
  if (card !== null) seen.current = card.job;
  return seen.current === null ? <Gone /> : <Form job={seen.current} isStillMine={card?.job.mine ?? false} />;
}

function Form({ job, isStillMine }: { job: Job; isStillMine: boolean }) {
  const written = useWritten(() => app.openDraft(job), isEmptyDraft);
  if (written === null) return <main class="page" />;
  const { draft, change } = written;
  const choices = app.identity?.outcomes ?? [];
  const chosen = choices.find((choice) => choice.code === draft.outcome);
  const isMoved = !isStillMine || draft.round !== job.round;
  const save = async () => {
    const missing = lackOf(draft, choices);
    if (missing !== null) {
      written.setTrouble(lack(missing));
      document.getElementById(missing === "outcome" ? "outcomes" : "detail")?.scrollIntoView({ block: "center" });
    } else if (await written.finish((complete) => app.close(job, complete))) go({ at: "jobs" }, "replace");
  };
  const leave = () => goBack({ at: "job", id: job.id });

  return (
    <main class="page page-acting">
      <Head
        title={
          <>
            {W.close.title} <small>{placeName(job)}</small>
          </>
        }
        back={leave}
      />
      {isMoved && (
        <Notice
          tone="warn"
          icon="review"
          action={
            isStillMine && (
              <button type="button" class="button" onClick={() => change({ round: job.round })}>
                {W.close.movedUse}
              </button>
            )
          }
        >
          {W.close.moved}
        </Notice>
      )}
      <ShortOfRoom />
      <HowFar job={job} />
      <section>
        <h2 class="out-of-sight">{W.close.photos}</h2>
        <PhotoRow kind="before" name={W.close.before} photos={draft.photos} written={written} />
        <PhotoRow kind="after" name={W.close.after} photos={draft.photos} written={written} />
      </section>
      <section id="outcomes">
        <h2 class="label">{W.close.how}</h2>
        <div class="outcomes" role="radiogroup" aria-label={W.close.how}>
          {choices.map(({ code }) => (
            <button
              type="button"
              key={code}
              role="radio"
              aria-checked={draft.outcome === code}
              class="outcome"
              data-testid={`outcome-${code}`}
              onClick={() => change({ outcome: code, detail: draft.outcome === code ? draft.detail : "" })}
            >
              <Icon name={outcomeIcon(code)} />
              <span>
                <strong>{outcome(code)}</strong>
                <small>{outcomeHint(code)}</small>
              </span>
            </button>
          ))}
        </div>
      </section>
      {chosen !== undefined && chosen.needs !== null && (
        <label class="field" id="detail">
          <span>{detailLabel(chosen.code, chosen.needs)}</span>
          <input
            key={chosen.code}
            data-testid="outcome-detail"
            {...(chosen.code === "scheduled" ? { type: "date" } : { type: "text", inputMode: chosen.code === "duplicate" ? "numeric" : "text" })}
            autocomplete="off"
            maxLength={500}
            value={draft.detail}
            onInput={(event) => change({ detail: event.currentTarget.value })}
          />
          {detailHint(chosen.code) !== "" && <small>{detailHint(chosen.code)}</small>}
        </label>
      )}
      <Phrases outcome={draft.outcome} note={draft.note} onChange={(note) => change({ note })} />
      <label class="field">
        <span>{W.close.note}</span>
        <textarea data-testid="note" rows={3} maxLength={4000} value={draft.note} onInput={(event) => change({ note: event.currentTarget.value })} />
        <small>{W.close.noteHint}</small>
      </label>
      {app.identity?.asks?.includes("minutes") && (
        <label class="field">
          <span>{W.close.minutes}</span>
          <input type="text" inputMode="numeric" data-testid="minutes" maxLength={4} autocomplete="off" value={draft.minutes ?? ""} onInput={(event) => change({ minutes: event.currentTarget.value.replace(/\D/g, "") })} />
        </label>
      )}
      {app.identity?.asks?.includes("materials") && (
        <label class="field">
          <span>{W.close.materials}</span>
          <input type="text" data-testid="materials" maxLength={400} autocomplete="off" value={draft.materials ?? ""} onInput={(event) => change({ materials: event.currentTarget.value })} />
          <small>{W.close.materialsHint}</small>
        </label>
      )}
      <Discard isAny={!isEmptyDraft(draft)} onDiscard={() => void written.discard().then(leave)} />
      <Foot written={written} words={W.close.save} onSave={() => void save()} testid="close-save" />
    </main>
  );
}
