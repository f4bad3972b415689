import type { ListName, Numbers } from "../core/board";
import { Icon, type IconName } from "../design/icons";
import type { Theme } from "../design/theme";
import { useDesk, type Desk } from "./desk";
import { contactLine, W } from "./words";

/** The office's other pages, in the order of their own bar (crew_app/templates/console/base.html). */
const PAGES = [
  ["/console/cases", "Cases"],
  ["/console/intake", "Take a call"],
  ["/console/crews", "Crews"],
  ["/console/review", "Review"],
  ["/console/approvals", "Approvals"],
  ["/console/deeds", "Log"],
  ["/console/rules", "Set-up"],
] as const;

const page = ([address, name]: (typeof PAGES)[number]) => (
  <li key={address}>
    <a href={address}>{name}</a>
  </li>
);

/** Where one is, whether all is right, and whether what is shown is true. */
export function Top({ onHelp }: { onHelp: () => void }) {
  const desk = useDesk();
  const you = desk.picture?.you;
  return (
    <header class="top">
      <h1 class="top-name">
        {desk.picture?.city.name ?? ""} <strong>311</strong>
        <span class="out-of-sight"> · {W.desk}</span>
      </h1>
      <nav aria-label="Pages">
        <ul class="top-nav">
          <li>
            <a href="/console/" aria-current="page">
              {W.desk}
            </a>
          </li>
          {PAGES.slice(0, 2).map(page)}
          <li>
            <details class="more">
              <summary>{W.more}</summary>
              <ul>{PAGES.slice(2).map(page)}</ul>
            </details>
          </li>
        </ul>
      </nav>
      <AllRight desk={desk} />
      <ContactLine desk={desk} />
      <button type="button" class="top-button" onClick={onHelp}>
        <kbd>?</kbd> {W.help}
      </button>
      <ThemeButton desk={desk} />
      {you !== undefined && (
        <form method="post" action="/sign-out" class="top-who">
          <button class="top-button" title={`${you.name}: ${W.signOut}`}>
            <Icon name="out" size={18} />
            <span class="out-of-sight">{you.name}: </span>
            {W.signOut}
          </button>
        </form>
      )}
    </header>
  );
}

/** The numbers that answer "are we all right?"; each opens its list. */
function AllRight({ desk }: { desk: Desk }) {
  const numbers = desk.board?.numbers;
  const toList = (name: keyof Numbers, list: ListName, icon: IconName, isBad = false) => (
    <li>
      <button type="button" class={`number${isBad && (numbers?.[name] ?? 0) > 0 ? " number-bad" : ""}`} aria-pressed={desk.list === list} data-testid={`number-${name}`} onClick={() => desk.show(list)}>
        <Icon name={icon} size={16} />
        <strong>{numbers?.[name].toLocaleString("en-US") ?? "–"}</strong>
        <span>{W[name]}</span>
      </button>
    </li>
  );
  return (
    <ul class="numbers" aria-label={W.numbers}>
      {toList("unassigned", "unassigned", "received")}
      {toList("risk", "risk", "late")}
      {toList("late", "risk", "late", true)}
      {toList("review", "review", "review")}
      {toList("open", "open", "jobs")}
      <li>
        <button type="button" class={`number${(numbers?.silent ?? 0) > 0 ? " number-bad" : ""}`} data-testid="number-silent" onClick={() => document.getElementById("crews")?.focus()}>
          <Icon name="offline" size={16} />
          <strong>{numbers?.silent ?? "–"}</strong>
          <span>{W.silent}</span>
        </button>
      </li>
    </ul>
  );
}

function ContactLine({ desk }: { desk: Desk }) {
  const { word, more } = contactLine(desk.contact, desk.heardMs);
  return (
    <p class={`contact contact-${desk.contact}`} role="status" data-testid="contact" data-state={desk.contact}>
      <Icon name={desk.contact === "live" ? "city" : desk.contact === "asking" ? "again" : "offline"} size={16} />
      <strong>{word}</strong>
      {more !== "" && <span>{more}</span>}
      {desk.contact === "out" && <a href={`/sign-in?next=${encodeURIComponent(location.pathname + location.search)}`}>{W.signIn}</a>}
    </p>
  );
}

const ROOMS: readonly Theme[] = ["auto", "day", "night"];
const ROOM_ICON: Record<Theme, IconName> = { auto: "sun", day: "day", night: "night", sun: "sun" };

function ThemeButton({ desk }: { desk: Desk }) {
  const words = W.theme[desk.theme];
  const next = () => desk.wear(ROOMS[(ROOMS.indexOf(desk.theme) + 1) % ROOMS.length] ?? "auto");
  return (
    <button type="button" class="top-button" aria-label={words} title={words} data-testid="theme" onClick={next}>
      <Icon name={ROOM_ICON[desk.theme]} size={18} />
    </button>
  );
}
