/** Words to start a note from: only those for the outcome that is chosen; what was typed by hand is never overwritten. */

export function offerReplies(field: HTMLElement): void {
  const choice = field.querySelector("select");
  const form = field.closest("form");
  const outcome = form?.querySelector<HTMLSelectElement>("select[data-outcome]");
  const note = form?.querySelector("textarea");
  if (!choice || !outcome || !note) return;
  const all = [...choice.options];
  let put = "";
  const narrow = () => {
    const fitting = all.filter(({ value, dataset }) => value === "" || dataset["outcome"] === "" || dataset["outcome"] === outcome.value);
    choice.replaceChildren(...fitting);
    choice.value = "";
    field.hidden = fitting.length < 2;
  };
  choice.addEventListener("change", () => {
    if (note.value.trim() !== "" && note.value !== put) note.value = `${note.value.trim()}\n${choice.value}`;
    else note.value = choice.value;
    put = note.value;
  });
  outcome.addEventListener("change", narrow);
  narrow();
}
