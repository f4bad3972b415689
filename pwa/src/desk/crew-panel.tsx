import { isStale } from "../core/board";
import type { CrewCard } from "../core/board";
import { Icon } from "../design/icons";
import type { Asked } from "./ask";
import { CASE_ROW_PX, CaseRow } from "./case-row";
import { PanelHead } from "./case-panel";
import type { Desk } from "./desk";
import { crewLine, placedWords, unsent, W } from "./words";

/** One crew: where it is, whether we hear from it, what it has in hand. */
export function CrewPanel({ card, desk, onAsk }: { card: CrewCard; desk: Desk; onAsk: (asked: Asked) => void }) {
  const { crew, state, jobs } = card;
  const { nowS, picture } = desk;
  const departments = new Map(picture?.departments.map(({ id, name }) => [id, name]));
  return (
    <article class="panel" aria-labelledby="panel-name" data-testid="crew-panel" data-crew={crew.code}>
      <PanelHead title={crew.code} sub={crew.name} desk={desk} />
      <p class={state === "silent" ? "contact-trying" : ""}>{crewLine(crew, state, nowS)}</p>
      <p class={isStale(crew, nowS, picture?.freshS ?? 0) ? "stale-words" : "quiet"}>{placedWords(crew, nowS)}</p>
      {crew.photos > 0 && (
        <p class="panel-unsent">
          <Icon name="phone" size={16} />
          {unsent(crew)}
        </p>
      )}
      <dl class="facts">
        <div>
          <dt>{W.department}</dt>
          <dd>{departments.get(crew.departmentId)}</dd>
        </div>
        {crew.lentTo.length > 0 && (
          <div>
            <dt>{W.lentTo}</dt>
            <dd>{crew.lentTo.map((id) => departments.get(id)).join(", ")}</dd>
          </div>
        )}
        <div>
          <dt>{W.inHand}</dt>
          <dd>
            {jobs.length} of {crew.room}
          </dd>
        </div>
      </dl>
      {picture?.mayMove === true && (
        <div class="actions">
          {jobs.length > 0 && (
            <button type="button" class="button" data-testid="do-hand-over" onClick={() => onAsk({ is: "hand-over", from: crew.id })}>
              {W.handOver} <kbd>d</kbd>
            </button>
          )}
          <button type="button" class="button" data-testid="do-lend" onClick={() => onAsk({ is: "lend", crew: crew.id })}>
            {W.lend} <kbd>l</kbd>
          </button>
        </div>
      )}
      <section aria-labelledby="jobs-name">
        <h3 id="jobs-name" class="label">
          {W.jobs}
        </h3>
        {jobs.length === 0 && <p class="quiet">{W.noJobs}</p>}
        <ol class="panel-jobs">
          {jobs.map((it) => (
            <li key={it.id}>
              <button type="button" class="row row-button" style={{ height: `${CASE_ROW_PX}px` }} onClick={() => desk.choose({ kind: "case", id: it.id })}>
                <CaseRow it={it} desk={desk} showsCrew={false} />
              </button>
            </li>
          ))}
        </ol>
      </section>
    </article>
  );
}
