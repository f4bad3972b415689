/** Surge: temporary crews from a list, on duty at once and until an end of their own. */

import { useEffect, useState } from "preact/hooks";
import { wrongLines, type SignIn, type Surge } from "../core/surge";
import { when } from "../design/times";
import { Refused } from "../net/http";
import { Dialog } from "./ask-dialogs";
import type { Desk } from "./desk";
import { troubleWords } from "./moves";
import { count, W } from "./words";

const HOUR_S = 3600;
const HOURS = [4, 8, 12, 24, 48];
const COLUMNS = "crew,name,department,skills,capacity,latitude,longitude,person,email";

export function SurgeDialog({ desk, onClose }: { desk: Desk; onClose: () => void }) {
  const [running, setRunning] = useState<Surge[]>([]);
  const [csv, setCsv] = useState("");
  const [wrong, setWrong] = useState<string[]>([]);
  const [isBusy, setBusy] = useState(false);
  useEffect(() => {
    desk.office.surges().then(
      (all) => setRunning(all.filter((it) => it.untilS > desk.nowS)),
      () => undefined, // the form works without it, and says so if it does not
    );
  }, [desk.signIns]);

  const load = async (file: File | undefined) => {
    if (file === undefined) return;
    try {
      setCsv(new TextDecoder("utf-8", { fatal: true }).decode(await file.arrayBuffer()));
      setWrong([]);
    } catch {
      setWrong([W.notUtf8(file.name)]);
    }
  };
  const start = async (form: FormData) => {
    setBusy(true);
    try {
      const { deedId, crews, signIns } = await desk.office.startSurge(String(form.get("name")).trim(), desk.nowS + Number(form.get("hours")) * HOUR_S, csv);
      desk.moves.wasDone(deedId, W.surgeStarted(crews));
      desk.keepSignIns(signIns);
      if (signIns.length === 0) onClose();
    } catch (error) {
      const lines = error instanceof Refused ? wrongLines(error.problem["errors"]) : [];
      setWrong(lines.length > 0 ? lines : [troubleWords(error)]);
    }
    setBusy(false);
  };

  if (desk.signIns.length > 0) return <SignIns desk={desk} onClose={onClose} />;
  return (
    <Dialog title={W.surge} onClose={onClose} wide>
      <p>{W.surgeWhat}</p>
      {running.map((it) => (
        <p key={it.id} class="surge-running" data-testid="surge-running">
          <span>
            <strong>{it.name}</strong> · {count(it.crews, "crew")} until {when(it.untilS * 1000, desk.nowS * 1000)}
          </span>
          <button
            type="button"
            class="button"
            onClick={() => {
              onClose();
              void desk.moves.endSurge(it.id);
            }}
          >
            {W.surgeEnd}
          </button>
        </p>
      ))}
      <form
        class="stack"
        onSubmit={(event) => {
          event.preventDefault();
          void start(new FormData(event.currentTarget));
        }}
      >
        <label class="field">
          <span>{W.surgeName}</span>
          <input name="name" required maxLength={120} autofocus autocomplete="off" />
        </label>
        <label class="field">
          <span>{W.howLong}</span>
          <select name="hours">
            {HOURS.map((n) => (
              <option key={n} value={n} selected={n === 12}>
                {count(n, "hour")}, until {when((desk.nowS + n * HOUR_S) * 1000, desk.nowS * 1000)}
              </option>
            ))}
          </select>
        </label>
        <label class="field">
          <span>{W.surgeList}</span>
          <small class="quiet">{W.surgeColumns}</small>
          <textarea name="csv" required rows={6} spellcheck={false} placeholder={`${COLUMNS}\n`} value={csv} onInput={(event) => setCsv(event.currentTarget.value)} data-testid="surge-csv" />
        </label>
        <label class="field">
          <span>{W.surgeFile}</span>
          <input type="file" accept=".csv,text/csv" onChange={(event) => void load(event.currentTarget.files?.[0])} />
        </label>
        {wrong.length > 0 && (
          <div class="dialog-wrong" role="alert" data-testid="surge-wrong">
            <p>{W.surgeNothing}</p>
            <ul>
              {wrong.slice(0, 8).map((line) => (
                <li key={line}>{line}</li>
              ))}
              {wrong.length > 8 && <li>{W.andMore(wrong.length - 8)}</li>}
            </ul>
          </div>
        )}
        <div class="dialog-buttons">
          <button class="button button-go" disabled={isBusy}>
            {isBusy ? W.surgeBusy : W.surgeGo}
          </button>
          <button type="button" class="button" onClick={onClose}>
            {W.leave}
          </button>
        </div>
      </form>
    </Dialog>
  );
}

/** Kept on this desk until somebody says that they are written down: a slip of Escape must not lose them. */
function SignIns({ desk, onClose }: { desk: Desk; onClose: () => void }) {
  return (
    <Dialog title={W.signIns} onClose={onClose} wide>
      <p>{W.signInsOnce}</p>
      <div class="sign-ins" tabIndex={0} role="region" aria-label={W.signIns}>
        <table>
          <thead>
            <tr>
              {W.signInColumns.map((name) => (
                <th key={name} scope="col">
                  {name}
                </th>
              ))}
            </tr>
          </thead>
          <tbody>
            {desk.signIns.map((one) => (
              <tr key={one.email}>
                <th scope="row">{one.crew}</th>
                <td>{one.person}</td>
                <td>{one.email}</td>
                <td>
                  <code>{one.password}</code>
                </td>
              </tr>
            ))}
          </tbody>
        </table>
      </div>
      <div class="dialog-buttons">
        <button
          type="button"
          class="button button-go"
          onClick={() => {
            desk.keepSignIns([]);
            onClose();
          }}
        >
          {W.signInsKept}
        </button>
        <button type="button" class="button" onClick={() => void navigator.clipboard.writeText(asLines(desk.signIns))}>
          {W.copy}
        </button>
        <button type="button" class="button" onClick={() => print()}>
          {W.print}
        </button>
      </div>
    </Dialog>
  );
}

const asLines = (signIns: readonly SignIn[]) => signIns.map((it) => [it.crew, it.person, it.email, it.password].join("\t")).join("\n");
