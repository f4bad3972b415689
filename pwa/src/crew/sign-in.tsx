import { useState } from "preact/hooks";
import { useApp } from "./app";
import { Icon } from "../design/icons";
import { Mark } from "./mark";
import { W } from "./words";

/** The first page; and, with `again`, the same over a phone full of safe work. */
export function SignIn({ again, onDone }: { again?: string; onDone?: () => void }) {
  const { app } = useApp();
  const [email, setEmail] = useState("");
  const [password, setPassword] = useState("");
  const [isShown, setShown] = useState(false);
  const [isBusy, setBusy] = useState(false);
  const [words, setWords] = useState<string | null>(null);
  const submit = async () => {
    setBusy(true);
    setWords(null);
    const refused = await app.signIn(email, password);
    setBusy(false);
    setWords(refused);
    if (refused === null) onDone?.();
  };
  return (
    <main class="page page-sign-in">
      <div class="brand">
        <Mark />
        <h1>{again === undefined ? W.appName : W.signIn.again}</h1>
        <p>{again === undefined ? W.signIn.lead : W.signIn.againLead(again)}</p>
      </div>
      <form
        class="stack"
        noValidate
        onSubmit={(event) => {
          event.preventDefault();
          if (!isBusy) void submit();
        }}
      >
        <label class="field">
          <span>{W.signIn.email}</span>
          <input data-testid="sign-in-email" type="email" inputMode="email" autocomplete="username" autocapitalize="none" spellcheck={false} value={email} onInput={(event) => setEmail(event.currentTarget.value)} />
        </label>
        <label class="field">
          <span>{W.signIn.password}</span>
          <span class="with-button">
            <input data-testid="sign-in-password" {...(isShown ? { type: "text" } : { type: "password" })} autocomplete="current-password" value={password} onInput={(event) => setPassword(event.currentTarget.value)} />
            <button type="button" class="in-field" onClick={() => setShown(!isShown)}>
              {isShown ? W.signIn.hide : W.signIn.show}
            </button>
          </span>
        </label>
        {words !== null && (
          <p class="problem" role="alert" data-testid="sign-in-words">
            <Icon name="alert" size={20} /> {words}
          </p>
        )}
        <button type="submit" class="button button-main" data-testid="sign-in-submit" disabled={isBusy}>
          {isBusy ? W.signIn.busy : W.signIn.submit}
        </button>
        {onDone !== undefined && (
          <button type="button" class="button button-quiet" onClick={onDone}>
            {W.signIn.back}
          </button>
        )}
      </form>
      {app.isWiped && (
        <p class="problem" role="alert" data-testid="switched-off">
          <Icon name="phone" size={20} /> {W.signIn.switchedOff}
        </p>
      )}
      {app.others.map((other) => (
        <p class="quiet" key={other.name}>
          {W.signIn.others(other.name, other.waiting)}
        </p>
      ))}
    </main>
  );
}
