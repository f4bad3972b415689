/** The shift, as the crew says it: begun with whom and what, a break, its end. */

import { useState } from "preact/hooks";
import type { Identity } from "../core/wire";
import { Icon } from "../design/icons";
import { app, useApp } from "./app";
import { Head, Link } from "./parts";
import { go, goBack } from "./router";
import { clock, W, when } from "./words";

/** Under the day's name: one line, and what can be done about it. */
export function ShiftBar() {
  const { app, nowMs } = useApp();
  const [isEnding, setEnding] = useState(false);
  const { state } = app.shift(nowMs);
  if (app.dayPart === null) return null;
  if (isEnding) {
    return (
      <div class="shift" role="group" aria-label={W.shift.end}>
        <p>{W.shift.endLeft(app.day(nowMs).open.length)}</p>
        <div class="row">
          <button type="button" class="button" onClick={() => setEnding(false)}>
            {W.shift.stay}
          </button>
          <button
            type="button"
            class="button button-bad"
            data-testid="shift-end-yes"
            onClick={() => {
              setEnding(false);
              void app.sayOfShift("end_shift");
            }}
          >
            {W.shift.endSure}
          </button>
        </div>
      </div>
    );
  }
  switch (state.is) {
    case "off":
    case "due": {
      const next = state.is === "off" ? state.next : null;
      return (
        <div class="shift" data-testid="shift" data-state={state.is}>
          <p>{state.is === "due" ? W.shift.planned(clock(state.shift.startsMs), clock(state.shift.endsMs)) : next !== null ? W.shift.next(when(next.startsMs, nowMs)) : W.shift.none}</p>
          <Link to={{ at: "shift" }} class={`button${state.is === "due" ? " button-main" : ""}`} data-testid="shift-start">
            {W.shift.start}
          </Link>
        </div>
      );
    }
    case "break":
      return (
        <div class="shift shift-break" data-testid="shift" data-state="break">
          <p>
            <Icon name="rest" /> {W.shift.resting(clock(state.sinceMs), state.minutes)}
          </p>
          <button type="button" class="button button-main" data-testid="shift-back" onClick={() => void app.sayOfShift("end_break")}>
            {W.shift.back}
          </button>
        </div>
      );
    case "on":
      return (
        <div class="shift" data-testid="shift" data-state="on">
          <p>
            <Link to={{ at: "shift" }}>{W.shift.since(clock(state.sinceMs))}</Link>
            {state.endsMs !== null && <span>{W.shift.until(clock(state.endsMs))}</span>}
          </p>
          <div class="row">
            <button type="button" class="button" data-testid="shift-break" onClick={() => void app.sayOfShift("begin_break")}>
              <Icon name="rest" /> {W.shift.rest}
            </button>
            <button type="button" class="button" data-testid="shift-end" onClick={() => setEnding(true)}>
              <Icon name="out" /> {W.shift.end}
            </button>
          </div>
        </div>
      );
  }
}

const LONGEST_NAME = 80;
const LONGEST_VEHICLE = 60;

/** Who, which vehicle, what they can do today. As last time, so that most days it is one touch. */
export function StartShift() {
  const { app, nowMs } = useApp();
  const { identity } = app;
  return identity === null ? null : <Form crew={identity.crew} me={identity.person.name} now={app.shift(nowMs)} />;
}

interface Before {
  members: string[];
  vehicle: string;
}

function Form({ crew, me, now }: { crew: Identity["crew"]; me: string; now: ReturnType<typeof app.shift> }) {
  const isOn = now.state.is === "on" || now.state.is === "break";
  const before = isOn ? now : lastTime(crew.id);
  const [members, setMembers] = useState<string[]>(before.members.length > 0 ? before.members : [me]);
  const [other, setOther] = useState("");
  const [vehicle, setVehicle] = useState(before.vehicle);
  const [skills, setSkills] = useState<string[]>(now.skills ?? crew.skills);
  const names = [...new Set([...crew.people, ...members])];
  const leave = () => goBack({ at: "jobs" });
  const toggle = (list: string[], name: string) => (list.includes(name) ? list.filter((it) => it !== name) : [...list, name]);
  const add = () => {
    const name = other.trim();
    if (name !== "") setMembers([...new Set([...members, name])]);
    setOther("");
  };
  const save = async () => {
    const all = [...new Set([...members, other.trim()])].filter(Boolean).slice(0, 12);
    const isAsAlways = skills.length === crew.skills.length && skills.every((skill) => crew.skills.includes(skill));
    await app.startShift({ members: all, vehicle: vehicle.trim(), skills: isAsAlways ? null : skills });
    rememberTime(crew.id, { members: all, vehicle: vehicle.trim() });
    go({ at: "jobs" }, "replace");
  };
  return (
    <main class="page page-acting">
      <Head title={isOn ? W.shift.change : W.shift.title} back={leave} />
      <fieldset class="choices">
        <legend>{W.shift.who}</legend>
        {names.map((name) => (
          <label class="choice" key={name}>
            <input type="checkbox" checked={members.includes(name)} onChange={() => setMembers(toggle(members, name))} />
            <span>{name}</span>
          </label>
        ))}
        <div class="field with-button">
          <input type="text" aria-label={W.shift.other} placeholder={W.shift.other} maxLength={LONGEST_NAME} autocomplete="off" value={other} onInput={(event) => setOther(event.currentTarget.value)} />
          <button type="button" class="in-field" onClick={add}>
            {W.shift.add}
          </button>
        </div>
      </fieldset>
      <label class="field">
        <span>{W.shift.vehicle}</span>
        <input type="text" data-testid="shift-vehicle" maxLength={LONGEST_VEHICLE} autocomplete="off" value={vehicle} onInput={(event) => setVehicle(event.currentTarget.value)} />
        <small>{W.shift.vehicleHint}</small>
      </label>
      {crew.skills.length + crew.otherSkills.length > 0 && (
        <fieldset class="choices">
          <legend>{W.shift.skills}</legend>
          {[...crew.skills, ...crew.otherSkills].map((skill) => (
            <label class="choice" key={skill}>
              <input type="checkbox" checked={skills.includes(skill)} onChange={() => setSkills(toggle(skills, skill))} />
              <span>{skill}</span>
            </label>
          ))}
          <small>{W.shift.skillsHint}</small>
        </fieldset>
      )}
      <div class="actions">
        <button type="button" class="button button-main" data-testid="shift-save" onClick={() => void save()}>
          {isOn ? W.shift.saveChange : W.shift.save}
        </button>
      </div>
    </main>
  );
}

const keyOf = (crewId: number) => `crew311-last-shift-${crewId}`;

function lastTime(crewId: number): Before {
  try {
    const { members, vehicle } = JSON.parse(localStorage.getItem(keyOf(crewId)) ?? "{}") as Partial<Before>;
    return { members: Array.isArray(members) ? members.map(String) : [], vehicle: typeof vehicle === "string" ? vehicle : "" };
  } catch {
    return { members: [], vehicle: "" };
  }
}

/** A convenience: a phone that does not keep it asks again tomorrow. */
function rememberTime(crewId: number, before: Before): void {
  try {
    localStorage.setItem(keyOf(crewId), JSON.stringify(before));
  } catch {
    // Storage may be switched off or full.
  }
}
