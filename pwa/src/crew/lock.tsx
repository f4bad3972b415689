/** The lock: a phone put down in the van shows nothing to the next hand, and its work is sent all the same. */

import { useEffect, useState } from "preact/hooks";
import { mustSignIn, PIN, waitMs } from "../core/lock";
import { Icon } from "../design/icons";
import { useApp } from "./app";
import { Mark } from "./mark";
import { SignIn } from "./sign-in";
import { W } from "./words";

function PinField({ label, value, onInput, testid }: { label: string; value: string; onInput: (pin: string) => void; testid: string }) {
  return (
    <label class="field">
      <span>{label}</span>
      <input
        type="password"
        inputMode="numeric"
        autocomplete="off"
        maxLength={8}
        data-testid={testid}
        value={value}
        onInput={(event) => onInput(event.currentTarget.value.replace(/\D/g, ""))}
      />
    </label>
  );
}

export function Unlock() {
  const { app } = useApp();
  const [pin, setPin] = useState("");
  const [nowMs, look] = useState(Date.now());
  const [isBusy, setBusy] = useState(false);
  const [isOther, setOther] = useState(false);
  const [words, setWords] = useState<string | null>(null);
  const { lock, identity } = app;
  const wait = lock === null ? 0 : waitMs(lock, nowMs);
  useEffect(() => {
    if (wait <= 0) return;
    const timer = setTimeout(() => look(Date.now()), Math.min(wait, 1_000));
    return () => clearTimeout(timer);
  }, [wait]);
  if (lock === null || identity === null) return null;
  if (isOther || mustSignIn(lock)) {
    return <SignIn again={identity.person.name} {...(mustSignIn(lock) ? {} : { onDone: () => setOther(false) })} />;
  }
  const submit = async () => {
    setBusy(true);
    setWords(null);
    if (!(await app.unlock(pin))) setWords(W.lock.wrong);
    setPin("");
    setBusy(false);
    look(Date.now());
  };
  return (
    <main class="page page-sign-in" data-testid="locked">
      <div class="brand">
        <Mark />
        <h1>{identity.person.name}</h1>
        <p>{W.lock.lead(app.unsent)}</p>
      </div>
      <form
        class="stack"
        noValidate
        onSubmit={(event) => {
          event.preventDefault();
          if (!isBusy && wait <= 0 && PIN.test(pin)) void submit();
        }}
      >
        <PinField label={W.lock.pin} value={pin} onInput={setPin} testid="pin" />
        {(words !== null || wait > 0) && (
          <p class="problem" role="alert">
            <Icon name="alert" size={20} /> {wait > 0 ? W.lock.wait(Math.ceil(wait / 1000)) : words}
          </p>
        )}
        <button type="submit" class="button button-main" data-testid="pin-open" disabled={isBusy || wait > 0 || !PIN.test(pin)}>
          {W.lock.open}
        </button>
        <button type="button" class="button button-quiet" data-testid="pin-password" onClick={() => setOther(true)}>
          {W.lock.other}
        </button>
      </form>
    </main>
  );
}

/** On the page about me: set a PIN, lock now, or do without. */
export function LockSetting() {
  const { app } = useApp();
  const [isOpen, setOpen] = useState(false);
  const [pin, setPin] = useState("");
  const [again, setAgain] = useState("");
  const [words, setWords] = useState<string | null>(null);
  const save = async () => {
    if (!PIN.test(pin)) return setWords(W.lock.short);
    if (pin !== again) return setWords(W.lock.differ);
    await app.setPin(pin);
    setOpen(false);
  };
  if (app.lock !== null) {
    return (
      <section>
        <h2 class="label">{W.lock.title}</h2>
        <div class="row">
          <button type="button" class="button" data-testid="lock-now" onClick={() => app.lockNow()}>
            <Icon name="no_access" /> {W.lock.now}
          </button>
          <button type="button" class="button button-quiet" onClick={() => void app.setPin(null)}>
            {W.lock.off}
          </button>
        </div>
        <p class="quiet">{W.lock.onHint}</p>
      </section>
    );
  }
  return (
    <section>
      <h2 class="label">{W.lock.title}</h2>
      {isOpen ? (
        <div class="stack">
          <PinField label={W.lock.choose} value={pin} onInput={setPin} testid="pin-new" />
          <PinField label={W.lock.again} value={again} onInput={setAgain} testid="pin-again" />
          {words !== null && (
            <p class="problem" role="alert">
              <Icon name="alert" size={20} /> {words}
            </p>
          )}
          <button type="button" class="button" data-testid="pin-save" onClick={() => void save()}>
            {W.lock.save}
          </button>
        </div>
      ) : (
        <button type="button" class="button" data-testid="pin-set" onClick={() => setOpen(true)}>
          <Icon name="no_access" /> {W.lock.set}
        </button>
      )}
      <p class="quiet">{W.lock.hint}</p>
    </section>
  );
}
