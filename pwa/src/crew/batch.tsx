/** Several jobs of one street in one visit: one outcome, one note, one set of photos, each job closed by itself. */

import { isEmptyForm, lackOfForm, type Form } from "../core/forms";
import type { Card } from "../core/overlay";
import { metresBetween } from "../core/places";
import { Icon, outcomeIcon } from "../design/icons";
import { app, useApp } from "./app";
import { Discard, Foot, Phrases, PhotoRow, ShortOfRoom, useWritten } from "./form";
import { distanceTo, Head, placeName } from "./parts";
import { go, goBack } from "./router";
import { formLack, outcome, W } from "./words";

/** So near to the first that one stop of the van serves both. */
const ONE_VISIT_M = 120;

export function Batch() {
  const { nowMs } = useApp();
  const { open } = app.day(nowMs);
  const written = useWritten<Form>(() => begin(open), isEmptyForm);
  if (written === null) return <main class="page" />;
  const { draft, change } = written;
  const chosen = draft.chosen ?? [];
  const isChosen = (card: Card) => chosen.some(({ id }) => id === card.job.id);
  const toggle = (card: Card) =>
    change({ chosen: isChosen(card) ? chosen.filter(({ id }) => id !== card.job.id) : [...chosen, { id: card.job.id, round: card.job.round }] });
  const leave = () => goBack({ at: "jobs" });
  const count = open.filter(isChosen).length;
  const save = async () => {
    // What was taken away meanwhile is not closed by a form that did not show it any more.
    const missing = lackOfForm({ ...draft, chosen: chosen.filter(({ id }) => open.some((card) => card.job.id === id)) });
    if (missing !== null) written.setTrouble(formLack(missing));
    else if (await written.finish((form) => app.closeAll(form))) go({ at: "jobs" }, "replace");
  };
  return (
    <main class="page page-acting" data-form="batch">
      <Head title={W.batch.title} back={leave} />
      <fieldset class="choices">
        <legend>{W.batch.which}</legend>
        {open.map((card) => (
          <label class="choice" key={card.job.id} data-testid="batch-job" data-case={card.job.number}>
            <input type="checkbox" checked={isChosen(card)} onChange={() => toggle(card)} />
            <span>
              <strong>{placeName(card.job)}</strong>
              <small>{[card.job.service, distanceTo(card)].filter(Boolean).join(" · ")}</small>
            </span>
          </label>
        ))}
      </fieldset>
      <section>
        <h2 class="label">{W.batch.how}</h2>
        <div class="outcomes outcomes-even" role="radiogroup" aria-label={W.batch.how}>
          {(app.identity?.outcomes ?? [])
            .filter(({ needs }) => needs === null)
            .map(({ code }) => (
              <button type="button" key={code} role="radio" aria-checked={draft.outcome === code} class="outcome" data-testid={`outcome-${code}`} onClick={() => change({ outcome: code })}>
                <Icon name={outcomeIcon(code)} />
                <strong>{outcome(code)}</strong>
              </button>
            ))}
        </div>
      </section>
      <section>
        <ShortOfRoom />
        <PhotoRow kind="before" name={W.close.before} photos={draft.photos} written={written} />
        <PhotoRow kind="after" name={W.close.after} photos={draft.photos} written={written} />
        <p class="quiet">{W.batch.photosHint}</p>
      </section>
      <Phrases outcome={draft.outcome ?? null} note={draft.words} onChange={(words) => change({ words })} />
      <label class="field">
        <span>{W.close.note}</span>
        <textarea data-testid="note" rows={3} maxLength={4000} value={draft.words} onInput={(event) => change({ words: event.currentTarget.value })} />
      </label>
      <Discard isAny={!isEmptyForm(draft)} onDiscard={() => void written.discard().then(leave)} />
      <Foot written={written} words={W.batch.save(count)} onSave={() => void save()} testid="batch-save" />
    </main>
  );
}

/** The form as it was left; a new one begins with what lies around the next job. */
async function begin(open: readonly Card[]): Promise<Form> {
  const form = await app.openOther("batch", null);
  if (form.chosen !== undefined) return form;
  const [next] = open;
  const near = open.filter((card) => next !== undefined && (card === next || isOneVisit(next, card)));
  return { ...form, outcome: null, chosen: near.map(({ job: { id, round } }) => ({ id, round })) };
}

function isOneVisit({ job: a }: Card, { job: b }: Card): boolean {
  return a.lat !== null && a.lon !== null && b.lat !== null && b.lon !== null && metresBetween({ lat: a.lat, lon: a.lon }, { lat: b.lat, lon: b.lon }) <= ONE_VISIT_M;
}
