import { useEffect, useState } from "preact/hooks";
import { dueOf } from "../core/board";
import { canBeDone, type CaseDeed, type Detail, type Why } from "../core/deeds";
import type { Case } from "../core/picture";
import { dueLong, when } from "../design/times";
import { Icon } from "../design/icons";
import { iconOf, shortAddress } from "./case-row";
import type { Desk } from "./desk";
import type { Asked } from "./ask";
import { DEED, REVIEW, STATUS, W } from "./words";

const REST_MS = 120;
const SHOWN: readonly CaseDeed[] = ["take-back", "hold", "lock", "release", "pin", "unpin", "urgent", "not-urgent"];
const KEY: Partial<Record<CaseDeed, string>> = { "take-back": "t", hold: "h", lock: "h", release: "h", pin: "p", unpin: "p" };

/** One case: what it is, who has it and why, and what can be done to it now. */
export function CasePanel({ it, desk, onAsk }: { it: Case; desk: Desk; onAsk: (asked: Asked) => void }) {
  const { nowS, picture } = desk;
  const detail = useDetail(it, desk);
  const nowMs = nowS * 1000;
  const due = dueOf(it, nowS, picture?.atRiskS ?? 0);
  const crew = desk.crew(it.crewId);
  const department = picture?.departments.find(({ id }) => id === it.departmentId)?.name;
  return (
    <article class="panel" aria-labelledby="panel-name" data-testid="case-panel" data-case={it.number}>
      <PanelHead title={shortAddress(it.address, picture?.city.name ?? "") || it.number} sub={`${it.number} · ${picture?.services.get(it.serviceId) ?? ""}`} desk={desk} />
      <p class="panel-badges">
        <span class={`badge badge-${it.status}`}>
          <Icon name={iconOf(it)} size={16} />
          {STATUS[it.status] ?? it.status}
        </span>
        {it.isUrgent && <span class="badge badge-late">{W.urgent}</span>}
        {it.isHeld && <span class="badge">{W.held}</span>}
        {it.pinnedTo !== null && (
          <span class="badge">
            <Icon name="pin" size={16} />
            {W.pinned}: {desk.crew(it.pinnedTo)?.code}
          </span>
        )}
        {it.dueS !== null && (
          <span class={`badge due-${due}`}>
            <Icon name="late" size={16} />
            {dueLong(it.dueS * 1000, nowMs)}
          </span>
        )}
      </p>
      {it.review !== null && (
        <p class="notice notice-warn">
          <Icon name="review" size={18} />
          <span class="notice-text">
            {REVIEW[it.review] ?? W.review} <a href={`/console/cases/${it.number}`}>{W.decide}</a>
          </span>
        </p>
      )}
      {it.isLost && (
        <p class="notice notice-warn">
          <Icon name="alert" size={18} />
          <span class="notice-text">{W.noPlace}</span>
        </p>
      )}
      {picture?.mayMove === true && <Actions it={it} desk={desk} onAsk={onAsk} />}
      <dl class="facts">
        <div>
          <dt>{W.crew}</dt>
          <dd>
            {crew === null ? (
              W.nobody
            ) : (
              <button type="button" class="link" onClick={() => desk.choose({ kind: "crew", id: crew.id })}>
                {crew.code}
              </button>
            )}
            {crew !== null && !it.isRead && <span class="quiet"> · {W.unread}</span>}
          </dd>
        </div>
        <div>
          <dt>{W.opened}</dt>
          <dd>{when(it.openedS * 1000, nowMs)}</dd>
        </div>
        <div>
          <dt>{W.department}</dt>
          <dd>
            {department}
            {it.districtId !== null && <span class="quiet"> · {W.district(picture?.districts.get(it.districtId) ?? "")}</span>}
          </dd>
        </div>
      </dl>
      {detail !== null && detail.heldWhy !== "" && it.isHeld && <p class="quiet">{detail.heldWhy}</p>}
      {detail !== null && detail.description !== "" && <p class="told">{detail.description}</p>}
      {detail !== null && detail.photos.length > 0 && (
        <ul class="thumbs">
          {detail.photos.map((photo) => (
            <li key={photo.url}>
              <a href={photo.url} target="_blank" rel="noopener">
                <img src={photo.thumb} alt={W.photo(photo.kind)} loading="lazy" width="84" height="84" />
              </a>
            </li>
          ))}
        </ul>
      )}
      {detail !== null && detail.why !== "" && (
        <section aria-labelledby="why-name">
          <h3 id="why-name" class="label">
            {crew === null ? W.whyWaiting : W.whyCrew}
          </h3>
          <p data-testid="why">{detail.why}</p>
        </section>
      )}
      <Ranking key={`${it.id} ${it.round}`} it={it} desk={desk} />
      <p>
        <a href={`/console/cases/${it.number}`}>{W.wholeCase}</a>
      </p>
    </article>
  );
}

export function PanelHead({ title, sub, desk }: { title: string; sub: string; desk: Desk }) {
  return (
    <header class="panel-head">
      <div>
        <h2 id="panel-name">{title}</h2>
        <p class="quiet">{sub}</p>
      </div>
      <button type="button" class="icon-button" aria-label={W.close} onClick={() => desk.choose(null)}>
        <Icon name="x" size={20} />
      </button>
    </header>
  );
}

function Actions({ it, desk, onAsk }: { it: Case; desk: Desk; onAsk: (asked: Asked) => void }) {
  return (
    <div class="actions">
      {canBeDone("assign", it) && (
        <button type="button" class="button button-go" data-testid="do-assign" onClick={() => onAsk({ is: "crew", deed: "assign", cases: [it] })}>
          {it.crewId === null ? W.give : W.moveTo} <kbd>m</kbd>
        </button>
      )}
      {SHOWN.filter((deed) => canBeDone(deed, it)).map((deed) => (
        <button key={deed} type="button" class="button" data-testid={`do-${deed}`} onClick={() => onAsk({ is: "deed", deed, cases: [it] })}>
          {DEED[deed]} {KEY[deed] !== undefined && <kbd>{KEY[deed]}</kbd>}
        </button>
      ))}
      <span class="out-of-sight">{desk.picked.size > 0 ? W.picked(desk.picked.size) : ""}</span>
    </div>
  );
}

/** Every crew on duty with what speaks for or against it; asked for when somebody wants to know. */
function Ranking({ it, desk }: { it: Case; desk: Desk }) {
  const [why, setWhy] = useState<Why | null | "trouble">(null);
  const open = (event: Event) => {
    if (!(event.currentTarget as HTMLDetailsElement).open || (why !== null && why !== "trouble")) return;
    desk.office.why(it.id).then(setWhy, () => setWhy("trouble"));
  };
  return (
    <details class="ranking" onToggle={open} data-testid="ranking">
      <summary>{W.ranking}</summary>
      {why === null && <p class="quiet">{W.reckoningCrews}</p>}
      {why === "trouble" && <p class="quiet">{W.noRanking}</p>}
      {why !== null && why !== "trouble" && (
        <ol>
          {why.crews.map((choice) => (
            <li key={choice.crewId} class={choice.refusal === null ? "" : "ranking-refused"}>
              <button type="button" class="link" onClick={() => desk.choose({ kind: "crew", id: choice.crewId })}>
                {choice.code}
              </button>
              <span>
                {choice.words}
                {choice.hasIt && ` · ${W.hasIt}`}
              </span>
            </li>
          ))}
        </ol>
      )}
    </details>
  );
}

/** What the row does not say, read again when the case has changed; the old is shown until the new is here. */
function useDetail(it: Case, desk: Desk): Detail | null {
  const [found, setFound] = useState<{ id: number; detail: Detail } | null>(null);
  useEffect(() => {
    let isLeft = false;
    // Somebody who goes through a list by the arrows asks for the case they stop at.
    const timer = setTimeout(() => {
      desk.office.detail(it.id).then(
        (detail) => isLeft || setFound({ id: it.id, detail }),
        () => {},
      );
    }, REST_MS);
    return () => {
      isLeft = true;
      clearTimeout(timer);
    };
  }, [it.id, it.changedS, it.round]);
  return found?.id === it.id ? found.detail : null;
}
