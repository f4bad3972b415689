import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { boardOf, crewCards, crewState, findCrews, isStale, toneOf } from "../src/core/board";
import { frameReader } from "../src/core/frames";
import { Mine } from "../src/core/deeds";
import { apply, learn, readNews, readPicture, readTold, type Applied, type Case, type Picture, type Told } from "../src/core/picture";
import { NotOurs } from "../src/core/read";
import { readStarted, wrongLines } from "../src/core/surge";
import { isAnotherPage, readView, writeView, type View } from "../src/desk/view";
import { codesOf, columns, crewsBody, idsOf, newsBody, NOW_S, pictureBody, pictureOf, type CaseRow } from "./city-picture";

const next = (applied: Applied): Picture => {
  if (applied.is !== "next") throw new Error(applied.is);
  return applied.picture;
};

describe("the picture", () => {
  test("takes changed rows, leaves out what is gone, and says which", () => {
    const before = pictureOf([{}, {}, {}]);
    const applied = apply(before, readNews(newsBody(12, { cases: columns([{ id: 2, number: "26-000002", crew: 1, round: 1, status: "assigned" }]), gone: [3, 99] })));
    const after = next(applied);
    expect([...after.cases.keys()]).toEqual([1, 2]);
    expect(after.cases.get(2)).toMatchObject({ crewId: 1, round: 1 });
    expect(applied).toMatchObject({ changed: [2, 3] });
    expect(after.seq).toBe(12);
    expect(before.cases.get(2)?.crewId).toBeNull();
    expect(after.cases.get(1)).toBe(before.cases.get(1));
  });

  test("does not go back to what a slow answer knew", () => {
    const now = pictureOf([{ crew: 1, status: "assigned" }]);
    expect(apply(now, readNews(newsBody(9, { cases: columns([{}]) })))).toEqual({ is: "old" });
  });

  test("takes news of crews, which has no number of its own", () => {
    const after = next(apply(pictureOf([]), readNews(newsBody(10, { crews: crewsBody([{ seen: NOW_S }], "t2") }))));
    expect(after.crews).toMatchObject({ tag: "t2", all: [{ seenS: NOW_S }] });
    expect(next(apply(after, readNews(newsBody(11)))).crews.tag).toBe("t2");
  });

  test.each([
    [{ reset: true }, "reset"],
    [{ epoch: "e2" }, "epoch"],
  ])("is read anew where news cannot follow it: %o", (more, why) => {
    expect(apply(pictureOf([{}]), readNews(newsBody(20, more)))).toEqual({ is: "again", why });
  });

  test("is not believed where it is not whole", () => {
    for (const spoil of [{ seq: "1" }, { epoch: "" }, { cases: { ...columns([{}]), round: [] } }, { cases: [] }, { crews: null }]) {
      expect(() => readPicture({ ...pictureBody([{}]), ...spoil })).toThrow(NotOurs);
    }
    expect(() => readNews(newsBody(1, { cases: { id: [1] } }))).toThrow(NotOurs);
  });

  test("takes what an answer told; older news on its way does not put it back, newer news does", () => {
    const told = (seq: number, crew: number | null, gone: number[] = []) => readTold({ seq, cases: columns(crew === null ? [] : [{ id: 1, number: "26-1", crew }]), gone });
    const mine = learn(pictureOf([{}, {}]), told(13, 2) as Told);
    expect(mine).toMatchObject({ changed: [1], picture: { seq: 10 } });
    const late = next(apply(mine.picture, readNews(newsBody(12, { cases: columns([{ id: 1, number: "26-1", crew: 1 }]), gone: [2] }))));
    expect([...late.cases.values()].map((it) => [it.id, it.crewId])).toEqual([[1, 2]]);
    expect(learn(late, told(11, 9) as Told).changed).toEqual([]);
    const newest = next(apply(late, readNews(newsBody(14, { cases: columns([{ id: 1, number: "26-1", crew: 3 }]) }))));
    expect([newest.cases.get(1)?.crewId, newest.ahead.size]).toEqual([3, 0]);
    expect(learn(newest, told(15, null, [1, 7]) as Told)).toMatchObject({ changed: [1] });
    expect(readTold({ deed: null })).toBeNull();
  });

  test("pieced together from news is the one read whole, however the news was cut", () => {
    const row = fc.record({ id: fc.integer({ min: 1, max: 6 }), crew: fc.constantFrom(null, 1, 2), gone: fc.boolean() });
    fc.assert(
      fc.property(fc.array(fc.array(row, { maxLength: 4 }), { maxLength: 8 }), (steps) => {
        const city = new Map<number, CaseRow>([[1, { id: 1, number: "26-1" }]]);
        let mine = pictureOf([...city.values()]);
        steps.forEach((step, i) => {
          for (const { id, crew, gone } of step) {
            if (gone) city.delete(id);
            else city.set(id, { id, number: `26-${id}`, crew });
          }
          const ids = [...new Set(step.map((it) => it.id))];
          const here = ids.map((id) => city.get(id)).filter((it) => it !== undefined);
          mine = next(apply(mine, readNews(newsBody(11 + i, { cases: columns(here), gone: ids.filter((id) => !city.has(id)) }))));
        });
        expect(new Map([...mine.cases].sort())).toEqual(new Map([...pictureOf([...city.values()]).cases].sort()));
      }),
    );
  });
});

describe("the address", () => {
  test("says what is looked at, and nothing that is usual", () => {
    const view: View = { list: "open", words: "elm st & co", departmentId: 2, chosen: { kind: "case", name: "26-000001" } };
    expect(writeView(view)).toBe("?list=open&find=elm+st+%26+co&department=2&case=26-000001");
    expect(readView(writeView(view))).toEqual(view);
    expect(writeView(readView(""))).toBe("");
  });

  test("is read with sense, whatever somebody typed", () => {
    expect(readView("?list=__proto__&department=1e99&find=&case=&crew=PWD-1&x=1")).toEqual({ list: "unassigned", words: "", departmentId: null, chosen: { kind: "crew", name: "PWD-1" } });
  });

  test("is another page where a case is opened or another list, not where somebody types or walks on", () => {
    const here = readView("?list=open&case=26-1");
    expect(["?list=open&case=26-2", "?list=open&case=26-1&find=elm", "?list=open", "?list=risk&case=26-1"].map((it) => isAnotherPage(here, readView(it)))).toEqual([false, false, true, true]);
  });
});

describe("temporary crews", () => {
  test("what is wrong with their list is said by row and field", () => {
    expect(wrongLines({ csv: { "row 3": { department: ["There is none."], crew: ["Twice.", "Too long."] }, list: ["Empty."] }, name: ["Give it a name."] })).toEqual([
      "Row 3, department: There is none.", "Row 3, crew: Twice.", "Row 3, crew: Too long.", "List: Empty.", "Name: Give it a name.",
    ]);
    expect(wrongLines({ csv: ["Too long."] })).toEqual(["Too long."]);
    expect(wrongLines(null)).toEqual([]);
  });

  test("an answer that is not whole is not believed", () => {
    expect(readStarted({ deed: { id: 4 }, surge: 1, crews: 2, sign_ins: [{ row: 2, crew: "T-1", person: "", email: "t@city.test", password: "a-b" }] })).toMatchObject({ deedId: 4, crews: 2 });
    expect(() => readStarted({ deed: { id: 4 }, crews: 2, sign_ins: [{ crew: "T-1" }] })).toThrow(NotOurs);
  });
});

describe("what this desk did", () => {
  const at = (round: number, status = "assigned", more: CaseRow = {}) => [...pictureOf([{ round, status, ...more }]).cases.values()][0] as Case;
  const byId = (it: Case) => new Map([[it.id, it]]);

  test("is taken along by who decided before it, however many times", () => {
    const mine = new Mine();
    mine.note(byId(at(1)), [1], [at(2)]);
    mine.note(byId(at(2)), [1], [at(3)]);
    expect(mine.asLeft(at(1)).round).toBe(3);
    expect(mine.asLeft(at(2)).round).toBe(3);
  });

  test("is not taken for what a colleague did", () => {
    const mine = new Mine();
    mine.note(byId(at(1)), [1], [at(2)]);
    mine.note(byId(at(4)), [1], [at(5)]); // 2 to 4 was somebody else
    expect(mine.asLeft(at(2)).round).toBe(2);
    mine.note(byId(at(5)), [], [at(7)]); // left alone
    expect(mine.asLeft(at(5)).round).toBe(5);
  });

  test("does not hide what has changed about a case within its round", () => {
    const mine = new Mine();
    mine.note(byId(at(1)), [1], [at(1, "assigned", { held: 1 })]);
    expect(mine.asLeft(at(1)).isHeld).toBe(false);
  });
});

describe("the board", () => {
  const picture = pictureOf([
    { due: NOW_S - 60 },
    { due: NOW_S + 3600, crew: 1, status: "assigned" },
    { due: null, opened: NOW_S - 9000 },
    { due: NOW_S + 90_000, urgent: 1 },
    { status: "closed", review: "office_moved", due: NOW_S - 60 },
    { due: NOW_S + 50_000, department: 2, address: "22 Beacon St", service: 2 },
  ]);

  test("lists urgent cases first, then by when they are due, those without a due moment last", () => {
    const { lists } = boardOf(picture, NOW_S);
    expect(idsOf(lists.open)).toEqual([4, 1, 2, 6, 3]);
    expect(idsOf(lists.unassigned)).toEqual([4, 1, 6, 3]);
    expect(idsOf(lists.risk)).toEqual([1, 2]);
    expect(idsOf(lists.review)).toEqual([5]);
  });

  test("renewed by what changed is the one made anew", () => {
    const row = fc.record({
      id: fc.integer({ min: 1, max: 12 }),
      due: fc.constantFrom(null, NOW_S - 60, NOW_S + 60, NOW_S + 90_000),
      urgent: fc.constantFrom(0, 1),
      crew: fc.constantFrom(null, 1),
      status: fc.constantFrom("received", "closed"),
      review: fc.constantFrom(null, "office_moved"),
      address: fc.constantFrom("1 Main St", "2 Elm St"),
    });
    const filter = { words: "main", departmentId: null };
    fc.assert(
      fc.property(fc.array(fc.array(row, { maxLength: 5 }), { maxLength: 6 }), (steps) => {
        let mine = pictureOf([{}, {}, {}]);
        let board = boardOf(mine, NOW_S, filter);
        steps.forEach((step, i) => {
          const rows = [...new Map(step.map((it) => [it.id, { ...it, number: `26-${it.id}` }])).values()];
          const applied = apply(mine, readNews(newsBody(11 + i, { cases: columns(rows), gone: rows.some(({ id }) => id === 3) ? [] : [3] })));
          mine = next(applied);
          board = boardOf(mine, NOW_S, filter, board, applied.is === "next" ? applied.changed : []);
        });
        expect(board).toEqual(boardOf(mine, NOW_S, filter));
      }),
    );
  });

  test("counts the whole city, whatever is filtered", () => {
    const { numbers, lists } = boardOf(picture, NOW_S, { words: "beacon light", departmentId: 2 });
    expect(numbers).toEqual({ open: 5, unassigned: 4, risk: 1, late: 1, review: 1, silent: 0 });
    expect(idsOf(lists.open)).toEqual([6]);
  });

  test("time alone makes a case late", () => {
    const [first] = pictureOf([{ due: NOW_S + 20_000 }]).cases.values();
    if (first === undefined) throw new Error("none");
    expect([0, 10_000, 20_001].map((later) => toneOf(first, NOW_S + later, 14_400))).toEqual(["waiting", "risk", "late"]);
  });
});

describe("crews", () => {
  test("say whether they work, and those that are silent with work in hand come first", () => {
    const picture = pictureOf(
      [{ crew: 3, status: "assigned" }],
      [{ id: 1, code: "PWD-10" }, { id: 2, code: "PWD-2" }, { id: 3, code: "PWD-3", lost: true }, { id: 4, code: "PWD-4", until: null }, { id: 5, code: "PWD-5", pause: NOW_S }, { id: 6, code: "PWD-6", lost: true }],
    );
    const cards = crewCards(picture, NOW_S);
    expect(codesOf(cards.map((it) => it.crew))).toEqual(["PWD-3", "PWD-2", "PWD-10", "PWD-5", "PWD-6", "PWD-4"]);
    expect(cards.map((it) => crewState(it.crew))).toEqual(["silent", "working", "working", "pause", "silent", "off"]);
  });

  test("have their jobs in their own order, and one just given at the end, before the crew's list knows it", () => {
    const picture = pictureOf([{ crew: 1 }, { crew: 1 }, { crew: 1 }, { crew: null }], [{ jobs: [3, 1, 4] }]);
    expect(idsOf(crewCards(picture, NOW_S)[0]?.jobs ?? [])).toEqual([3, 1, 2]);
  });

  test("whose place is old, or was never told, look it", () => {
    const [fresh, old, none] = pictureOf([], [{ placed: NOW_S - 600 }, { id: 2, placed: NOW_S - 601 }, { id: 3, placed: null }]).crews.all;
    expect([fresh, old, none].map((it) => it !== undefined && isStale(it, NOW_S, 600))).toEqual([false, true, true]);
  });

  test("are found by code, by its end, by name, and without its dash", () => {
    const crews = pictureOf([], [{ code: "PWD-12" }, { code: "PWD-1" }, { code: "PWD-2", name: "North end 1" }, { code: "BTDT-7", name: "Signals" }]).crews.all;
    expect(codesOf(findCrews(crews, "pwd1"))[0]).toBe("PWD-1");
    expect(codesOf(findCrews(crews, "12"))).toEqual(["PWD-12"]);
    expect(codesOf(findCrews(crews, "-1"))[0]).toBe("PWD-1");
    expect(codesOf(findCrews(crews, "signal"))).toEqual(["BTDT-7"]);
    expect(findCrews(crews, "zz")).toEqual([]);
    expect(findCrews(crews, "")).toHaveLength(4);
  });
});

describe("frames", () => {
  const said = 'retry: 500\n\nid: 12\nevent: news\ndata: {"a":1}\n\n: nothing\n\nevent: beat\r\ndata: 7\r\n\r\n';

  test("come out whole, wherever the network cut them", () => {
    fc.assert(
      fc.property(fc.array(fc.integer({ min: 1, max: 9 })), (cuts) => {
        const read = frameReader();
        const frames = [];
        let rest = said;
        for (const cut of cuts) {
          frames.push(...read(rest.slice(0, cut)));
          rest = rest.slice(cut);
        }
        frames.push(...read(rest));
        expect(frames).toEqual([{ event: "news", data: '{"a":1}' }, { event: "beat", data: "7" }]);
      }),
    );
  });
});
