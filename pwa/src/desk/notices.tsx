import { Icon } from "../design/icons";
import { useDesk } from "./desk";
import { W } from "./words";

/** What came of it. Good news goes by itself; what somebody must read stays until they say so. */
export function Notices() {
  const desk = useDesk();
  const { moves } = desk;
  return (
    <div class="notices" role="status" aria-live="polite">
      {moves.notices.map((notice) => (
        <div key={notice.id} class={`toast toast-${notice.tone}`} data-testid="toast" data-tone={notice.tone}>
          <Icon name={notice.tone === "good" ? "closed" : "alert"} size={18} />
          <div class="toast-text">
            <p>{notice.words}</p>
            {notice.left.length > 0 && (
              <ul>
                {notice.left.slice(0, 4).map((left) => (
                  <li key={left.caseId}>
                    <button type="button" class="link" onClick={() => desk.choose({ kind: "case", id: left.caseId })}>
                      {left.number}
                    </button>{" "}
                    {left.words}
                  </li>
                ))}
                {notice.left.length > 4 && <li>{W.andMore(notice.left.length - 4)}</li>}
              </ul>
            )}
          </div>
          {notice.deedId !== null && (
            <button type="button" class="button" data-testid="undo" onClick={() => void moves.undo(notice.deedId ?? undefined)}>
              {W.undo} <kbd>u</kbd>
            </button>
          )}
          <button type="button" class="icon-button" aria-label={W.close} onClick={() => moves.dismiss(notice.id)}>
            <Icon name="x" size={18} />
          </button>
        </div>
      ))}
    </div>
  );
}
