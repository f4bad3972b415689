/** What the office wrote and what it changed, each with the reason; and that the crew has read it. */

import type { Message } from "../core/wire";
import { Icon, type IconName } from "../design/icons";
import { useApp } from "./app";
import { Head, Link, shortAddress } from "./parts";
import { goBack } from "./router";
import { isolated } from "../design/translate";
import { messageHead, W, when } from "./words";

const MESSAGE_ICON: Record<string, IconName> = { words: "message", taken: "out", withdrawn: "withdrawn", merged: "copy", urgent: "alert", reopened: "again", review_accepted: "closed", review_dismissed: "review" };
/** More than these at once would push the next job out of sight. */
const MOST_SHOWN = 2;

/** Above the jobs, until somebody says that it was read. */
export function Unread() {
  const { app, nowMs } = useApp();
  const unread = app.messages.filter((message) => !message.isRead);
  if (unread.length === 0) return null;
  return (
    <section class="stack" aria-label={W.messages.title}>
      {unread.slice(0, MOST_SHOWN).map((message) => (
        <Line key={message.id} message={message} nowMs={nowMs} />
      ))}
      <div class="row">
        <button type="button" class="button" data-testid="messages-read" onClick={() => void app.markRead(unread.slice(0, MOST_SHOWN))}>
          <Icon name="closed" /> {W.messages.read}
        </button>
        {unread.length > MOST_SHOWN && (
          <Link to={{ at: "messages" }} class="button button-quiet">
            {W.messages.more(unread.length - MOST_SHOWN)}
          </Link>
        )}
      </div>
    </section>
  );
}

export function Messages() {
  const { app, nowMs } = useApp();
  const all = app.messages;
  return (
    <main class="page">
      <Head title={W.messages.title} back={() => goBack({ at: "me" })} />
      {all.length === 0 && (
        <div class="empty">
          <Icon name="message" size={40} />
          <p class="empty-title">{W.messages.none}</p>
          <p>{W.messages.noneMore}</p>
        </div>
      )}
      {all.some((message) => !message.isRead) && (
        <button type="button" class="button button-main" data-testid="messages-read" onClick={() => void app.markRead(all)}>
          <Icon name="closed" /> {W.messages.read}
        </button>
      )}
      <div class="stack">
        {all.map((message) => (
          <Line key={message.id} message={message} nowMs={nowMs} />
        ))}
      </div>
    </main>
  );
}

function Line({ message, nowMs }: { message: Message; nowMs: number }) {
  const { kind, by, text, address, number, service, atMs, isRead } = message;
  const head = messageHead(kind);
  return (
    <article class={`message${isRead ? "" : " message-new"}${kind === "urgent" ? " message-urgent" : ""}`} data-testid="message" data-kind={kind}>
      <Icon name={MESSAGE_ICON[kind] ?? "not_ours"} />
      <div>
        {head !== "" && <strong>{head}</strong>}
        {(address !== "" || number !== "") && <p>{[address === "" ? isolated(number) : shortAddress(address), service].filter(Boolean).join(" · ")}</p>}
        {text !== "" && <p class="message-words" dir="auto">{text}</p>}
        <p class="quiet">
          {W.messages.from(by)} · {when(atMs, nowMs)}
        </p>
      </div>
    </article>
  );
}
