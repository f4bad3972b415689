import { useEffect, useState } from "preact/hooks";
import { useApp } from "./app";
import { Icon, type IconName } from "../design/icons";
import { LockSetting } from "./lock";
import { Link } from "./parts";
import { theme, THEMES, wear, type Theme } from "../design/theme";
import { LANGUAGES, learn } from "./language";
import { language } from "../design/translate";
import { keepLanguage, wearLanguage } from "../design/wear-language";
import { line, sayAnew, size, W, when } from "./words";

export function Me() {
  const { app, nowMs } = useApp();
  const { identity } = app;
  const said = line(app.line, nowMs);
  return (
    <main class="page">
      <header class="who">
        <span class="face" aria-hidden="true">
          {initials(identity?.person.name ?? "")}
        </span>
        <div>
          <h1>{identity?.person.name}</h1>
          <p class="quiet">
            {identity?.crew.name} ({identity?.crew.code})<br />
            {identity?.crew.department}
            {identity?.city.name ? `, ${identity.city.name}` : ""}
          </p>
        </div>
      </header>
      <nav class="list" aria-label={W.me.doors}>
        <Link to={{ at: "sync" }} class="list-row" data-testid="open-sync">
          <Icon name="city" />
          <span>
            <strong>{W.me.sync}</strong>
            <small>{[said.text, said.more].filter(Boolean).join(", ")}</small>
          </span>
          <Icon name="chevron" />
        </Link>
        <Link to={{ at: "messages" }} class="list-row" data-testid="open-messages">
          <Icon name="message" />
          <span>
            <strong>{W.messages.title}</strong>
            <small>{W.messages.count(app.messages.filter((message) => !message.isRead).length)}</small>
          </span>
          <Icon name="chevron" />
        </Link>
        <Waking />
      </nav>
      <Screen />
      <Languages />
      <LockSetting />
      <Storage />
      <Install />
      {app.others.map((other) => (
        <p class="quiet" key={other.name}>
          {W.signIn.others(other.name, other.waiting)}
        </p>
      ))}
      <SignOut />
      <p class="quiet centred">
        {W.me.version(__APP_VERSION__)} · {app.lastContactMs !== null ? W.me.lastContact(when(app.lastContactMs, nowMs)) : W.me.neverContact}
      </p>
    </main>
  );
}

function Waking() {
  const { app } = useApp();
  const words = W.waking[app.waking];
  const inside = (
    <>
      <Icon name={app.waking === "on" ? "bell" : "bell_off"} />
      <span>
        <strong>{W.waking.title}</strong>
        <small>{words}</small>
      </span>
    </>
  );
  return app.waking === "off" || app.waking === "failed" ? (
    <button type="button" class="list-row" data-testid="wake-me" data-state={app.waking} onClick={() => void app.wakeMe()}>
      {inside}
    </button>
  ) : (
    <div class="list-row" data-testid="wake-me" data-state={app.waking}>
      {inside}
    </div>
  );
}

function initials(name: string): string {
  return name
    .split(/\s+/)
    .map((word) => word.charAt(0))
    .slice(0, 2)
    .join("");
}

const THEME_ICON: Record<Theme, IconName> = { auto: "phone", day: "day", night: "night", sun: "sun" };

function Screen() {
  const [worn, setWorn] = useState(theme());
  return (
    <section>
      <h2 class="label">{W.me.theme}</h2>
      <div class="segments" role="radiogroup" aria-label={W.me.theme}>
        {THEMES.map((choice) => (
          <button
            type="button"
            key={choice}
            role="radio"
            aria-checked={worn === choice}
            data-testid={`theme-${choice}`}
            onClick={() => {
              wear(choice);
              setWorn(choice);
            }}
          >
            <Icon name={THEME_ICON[choice]} />
            {W.me.themes[choice]}
          </button>
        ))}
      </div>
    </section>
  );
}

/** Works without signal for a language that was spoken here before. */
function Languages() {
  const { app } = useApp();
  const [words, setWords] = useState<string | null>(null);
  const speakIn = async (code: string) => {
    if (!(await learn(code))) return setWords(W.languageNot);
    keepLanguage(code);
    wearLanguage(code);
    sayAnew();
    setWords(null);
    app.say();
  };
  return (
    <section>
      <label class="field">
        <span class="with-icon">
          <Icon name="language" size={20} /> {W.language}
        </span>
        <select data-testid="language" value={language()} onChange={(event) => void speakIn(event.currentTarget.value)}>
          <option value="en" lang="en">
            English
          </option>
          {LANGUAGES.map(({ code, name }) => (
            <option key={code} value={code} lang={code}>
              {name}
            </option>
          ))}
        </select>
        <small role="status">{words ?? (language() === "en" ? "" : W.languageHint)}</small>
      </label>
    </section>
  );
}

function Storage() {
  const { app } = useApp();
  const [room, setRoom] = useState<string | null>(null);
  useEffect(() => {
    void navigator.storage
      ?.estimate?.()
      .then(({ usage = 0, quota = 0 }) => setRoom(W.me.used(size(usage), size(Math.max(0, quota - usage)))))
      .catch(() => {});
  }, []);
  const isProtected = app.isProtected === true;
  return (
    <section>
      <h2 class="label">{W.me.storage}</h2>
      <div class="list">
        <div class="list-row" data-testid="storage-state">
          <Icon name={isProtected ? "made_safe" : "alert"} />
          <span>
            <span>{isProtected ? W.me.protected : W.me.unprotected}</span>
            {room !== null && <small>{room}</small>}
          </span>
        </div>
        {!isProtected && (
          <button type="button" class="list-row" onClick={() => void app.protect()}>
            <Icon name="made_safe" />
            <span>
              <strong>{W.me.protect}</strong>
            </span>
          </button>
        )}
      </div>
    </section>
  );
}

function Install() {
  const { app } = useApp();
  if (matchMedia("(display-mode: standalone)").matches) return null;
  return (
    <section>
      <div class="list">
        {app.installPrompt !== null ? (
          <button type="button" class="list-row" onClick={() => void app.installPrompt?.prompt()}>
            <Icon name="download" />
            <span>
              <strong>{W.me.install}</strong>
            </span>
          </button>
        ) : (
          <div class="list-row">
            <Icon name="download" />
            <span>
              <strong>{W.me.install}</strong>
              <small>{W.me.installHint}</small>
            </span>
          </div>
        )}
      </div>
    </section>
  );
}

function SignOut() {
  const { app } = useApp();
  const [words, setWords] = useState<string | null>(null);
  const [isSure, setSure] = useState(false);
  const refusal = app.signOutRefusal;
  const isRefused = refusal !== null;
  return (
    <section class="stack">
      {(words !== null || (isSure && isRefused)) && (
        <p class="problem" role="alert" data-testid="sign-out-words">
          <Icon name="alert" size={20} /> {words ?? refusal}
        </p>
      )}
      {isSure && !isRefused ? (
        <>
          <p>{W.me.signOutSure}</p>
          <button type="button" class="button" data-testid="sign-out-yes" onClick={() => void app.signOut().then(setWords)}>
            <Icon name="out" /> {W.me.signOutYes}
          </button>
        </>
      ) : (
        <button type="button" class="button button-quiet" data-testid="sign-out" onClick={() => setSure(true)}>
          <Icon name="out" /> {W.me.signOut}
        </button>
      )}
    </section>
  );
}

