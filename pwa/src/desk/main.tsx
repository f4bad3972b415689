import { render } from "preact";
import { useEffect, useRef, useState } from "preact/hooks";
import "../design/tokens.css";
import "../design/base.css";
import "./desk.css";
import { keepAddress } from "./address";
import type { Asked } from "./ask";
import { AskWhy, ChooseCrew, Lend } from "./ask-dialogs";
import { CaseList } from "./case-list";
import { CasePanel, PanelHead } from "./case-panel";
import { CrewList } from "./crew-list";
import { CrewPanel } from "./crew-panel";
import { desk, useDesk, type Desk } from "./desk";
import { Dragged } from "./drag";
import { Help } from "./help";
import { press } from "./keys";
import { MapPane } from "./map-pane";
import { Notices } from "./notices";
import { Splitter, usePaneWidths } from "./panes";
import { SurgeDialog } from "./surge";
import { Top } from "./top";
import { NEEDS_WHY, W } from "./words";

function Root() {
  const desk = useDesk();
  const [asked, setAsked] = useState<{ it: Asked; n: number } | null>(null);
  const widths = usePaneWidths();
  const number = useRef(0);
  const show = (it: Asked) => setAsked({ it, n: (number.current += 1) });
  const ask = (it: Asked) => {
    if (it.is !== "deed") return show(it);
    if (NEEDS_WHY.has(it.deed)) return show({ ...it, is: "why" });
    void desk.moves.do(it.deed, it.cases);
  };
  // The browser says a moment after Escape that a dialog is closed; the next key may have opened another by then.
  const close = (n: number) => setAsked((now) => (now?.n === n ? null : now));
  useEffect(() => {
    const listener = (event: KeyboardEvent) => press(event, desk, ask);
    addEventListener("keydown", listener);
    return () => removeEventListener("keydown", listener);
  }, []);
  return (
    <div class="desk" style={{ "--cases": `${widths.cases}px`, "--crews": `${widths.crews}px` }}>
      <a class="skip" href="#cases">
        {W.skip}
      </a>
      <Top onHelp={() => show({ is: "help" })} />
      <main class="panes">
        <CaseList />
        <Splitter name={W.widthOf(W.cases)} width={widths.cases} set={widths.setCases} />
        <CrewList onSurge={() => show({ is: "surge" })} />
        <Splitter name={W.widthOf(W.crews)} width={widths.crews} set={widths.setCrews} />
        <section class="pane pane-map" aria-label={W.map}>
          <MapPane />
          {desk.chosen !== null && (
            <div class="pane-panel">
              <Panel desk={desk} ask={ask} />
            </div>
          )}
        </section>
      </main>
      <Notices />
      <Dragged desk={desk} />
      {asked !== null && <Asking key={asked.n} asked={asked.it} desk={desk} onClose={() => close(asked.n)} />}
    </div>
  );
}

function Panel({ desk, ask }: { desk: Desk; ask: (asked: Asked) => void }) {
  if (desk.chosen?.kind === "case") {
    const it = desk.case(desk.chosen.id);
    return it === null ? <Gone desk={desk} /> : <CasePanel key={it.id} it={it} desk={desk} onAsk={ask} />;
  }
  const card = desk.chosen === null ? null : desk.card(desk.chosen.id);
  return card === null ? null : <CrewPanel card={card} desk={desk} onAsk={ask} />;
}

/** What is over is in no list of the desk any more; its own page tells the rest. */
function Gone({ desk }: { desk: Desk }) {
  return (
    <article class="panel" aria-labelledby="panel-name">
      <PanelHead title={desk.chosenName} sub="" desk={desk} />
      <p>{W.gone}</p>
      {desk.chosenName !== "" && (
        <p>
          <a href={`/console/cases/${desk.chosenName}`}>{W.wholeCase}</a>
        </p>
      )}
    </article>
  );
}

function Asking({ asked, desk, onClose }: { asked: Asked; desk: Desk; onClose: () => void }) {
  switch (asked.is) {
    case "help":
      return <Help onClose={onClose} />;
    case "crew": {
      const { cases } = asked;
      const [only] = new Set(cases.map((it) => it.crewId));
      const without = new Set(only != null && asked.deed === "assign" && cases.every((it) => it.crewId === only) ? [only] : []);
      const title = asked.deed === "pin" ? W.pinTitle : W.giveTitle(cases.length);
      const choose = (crew: number) => void (asked.deed === "pin" ? desk.moves.do("pin", cases, { crew }) : desk.give(cases, crew));
      return <ChooseCrew desk={desk} title={title} ids={cases.map(({ id }) => id)} without={without} onChoose={choose} onClose={onClose} />;
    }
    case "hand-over": {
      const card = desk.card(asked.from);
      const title = W.handOverTitle(card?.crew.code ?? "", card?.jobs.length ?? 0);
      const ids = card?.jobs.map(({ id }) => id) ?? [];
      return <ChooseCrew desk={desk} title={title} ids={ids} without={new Set([asked.from])} asksWhy onChoose={(to, why) => void desk.moves.handOver(asked.from, to, why)} onClose={onClose} />;
    }
    case "lend": {
      const crew = desk.crew(asked.crew);
      return crew === null ? null : <Lend desk={desk} crew={crew} onClose={onClose} />;
    }
    case "surge":
      return <SurgeDialog desk={desk} onClose={onClose} />;
    case "why":
    case "deed":
      return <AskWhy deed={asked.deed} cases={asked.cases.length} onSay={(why) => void desk.moves.do(asked.deed, asked.cases, { why })} onClose={onClose} />;
  }
}

desk.wear(desk.theme);
keepAddress(desk);
const root = document.getElementById("desk");
if (root !== null) render(<Root />, root);
desk.start();
