/** The few small things every page is made of. */

import type { ComponentChildren } from "preact";
import { useEffect, useRef, useState } from "preact/hooks";
import type { Card } from "../core/overlay";
import { metresBetween } from "../core/places";
import { Icon, statusIcon, type IconName } from "../design/icons";
import { app } from "./app";
import { go, goBack, pathOf, type Place } from "./router";
import { isolated } from "../design/translate";
import { distance, exactly, outcome, status, W } from "./words";

interface LinkProps {
  to: Place;
  children: ComponentChildren;
  class?: string;
  "aria-current"?: "page" | undefined;
  [data: `data-${string}`]: string | undefined;
}

export function Link({ to, children, ...rest }: LinkProps) {
  return (
    <a
      {...rest}
      href={pathOf(to)}
      onClick={(event) => {
        if (event.metaKey || event.ctrlKey || event.shiftKey) return;
        event.preventDefault();
        go(to);
      }}
    >
      {children}
    </a>
  );
}

/** A status: a shape, a word and a colour. */
export function Badge({ code, word, icon }: { code: string; word?: string; icon?: IconName }) {
  return (
    <span class={`badge badge-${code}`}>
      <Icon name={icon ?? statusIcon(code)} size={18} />
      {word ?? status(code)}
    </span>
  );
}

/** Where a job stands for this crew, in one badge. */
export function StatusBadge({ card }: { card: Card }) {
  if (card.left === "given_back") return <Badge code="received" word={W.job.givenBack} icon="given_back" />;
  if (card.left === "reported") return <Badge code="received" word={W.job.reportedByYou} />;
  if (card.isOpen || card.status !== "closed") return <Badge code={card.status} />;
  return <Badge code="closed" word={card.outcome !== null ? outcome(card.outcome) : W.jobs.done} />;
}

export function Notice({ tone, icon, children, action }: { tone: "calm" | "warn" | "bad"; icon: IconName; children: ComponentChildren; action?: ComponentChildren }) {
  return (
    <div class={`notice notice-${tone}`}>
      <Icon name={icon} />
      <div class="notice-text">{children}</div>
      {action}
    </div>
  );
}

/** "14:02" to read, the whole date on touch. */
export function At({ ms, children }: { ms: number; children: ComponentChildren }) {
  const [isExact, setExact] = useState(false);
  return (
    <time dateTime={new Date(ms).toISOString()} title={exactly(ms)} onClick={() => setExact(!isExact)}>
      {isExact ? exactly(ms) : children}
    </time>
  );
}

export function metresTo(card: Card): number | null {
  const { lat, lon } = card.job;
  return lat === null || lon === null || app.position === null ? null : metresBetween(app.position, { lat, lon });
}

export function distanceTo(card: Card): string | null {
  const metres = metresTo(card);
  return metres === null ? null : distance(metres);
}

/** Near enough to say that one is there. */
const HERE_M = 100;

/** Does this phone stand where the job is? Only where it knows its own place about as well as that. */
export function isHere(card: Card): boolean {
  const metres = metresTo(card);
  return metres !== null && metres <= HERE_M && (app.position?.accuracy_m ?? Infinity) <= HERE_M;
}

/** Offered, not done by itself: a crew that passes by has not arrived. */
export function Arrived({ card }: { card: Card }) {
  if (!isHere(card) || (card.status !== "assigned" && card.status !== "en_route")) return null;
  return (
    <Notice
      tone="calm"
      icon="locate"
      action={
        <button type="button" class="button" data-testid="arrived" onClick={() => void app.progress(card.job, "on_site")}>
          <Icon name="on_site" /> {W.job.onSite}
        </button>
      }
    >
      {W.job.here(placeName(card.job))}
    </Notice>
  );
}

/** The street without the city's name, which every job shares. */
export function shortAddress(address: string): string {
  const city = app.identity?.city.name ?? "";
  const [first = ""] = address.split(new RegExp(`,\\s*${city.replace(/[^\w\s]/g, "")}\\b`, "i"));
  return isolated(first.trim() || address || W.job.noPlace);
}

/** What a job is called by: its street, where it has one. */
export function placeName({ address, number }: { address: string; number: string }): string {
  return address !== "" ? shortAddress(address) : number === "" ? W.job.newHere : W.job.noAddress;
}

/** Where a job is, in words that can be read out or copied. */
export function whereabouts({ address, lat, lon }: { address: string; lat: number | null; lon: number | null }): string {
  return address !== "" || lat === null || lon === null ? address : `${lat.toFixed(5)}, ${lon.toFixed(5)}`;
}

/** A photo of the city's; where it cannot be had without signal, words in its place. */
export function CityPhoto({ url, alt, class: name }: { url: string; alt: string; class: string }) {
  const [isMissing, setMissing] = useState(false);
  useEffect(() => {
    setMissing(false);
  }, [url]);
  if (isMissing) {
    return (
      <span class={`${name} photo-missing`}>
        <Icon name="image" />
        <span>{W.job.noPhoto}</span>
      </span>
    );
  }
  return <img class={name} src={url} alt={alt} loading="lazy" decoding="async" onError={() => setMissing(true)} />;
}

/** A photo kept on this phone. */
export function OwnPhoto({ photo, alt, class: name }: { photo: { id: string; sha256: string; type: string }; alt: string; class: string }) {
  const [url, setUrl] = useState<string | null>(null);
  const [isMissing, setMissing] = useState(false);
  useEffect(() => {
    let made: string | null = null;
    let isGone = false;
    void app.photoUrl(photo).then((it) => {
      made = it;
      if (isGone && it !== null) URL.revokeObjectURL(it);
      else if (it === null) setMissing(true);
      else setUrl(it);
    });
    return () => {
      isGone = true;
      if (made !== null) URL.revokeObjectURL(made);
    };
  }, [photo.id]);
  if (isMissing || url === null) {
    return (
      <span class={`${name} photo-missing`}>
        <Icon name="image" />
      </span>
    );
  }
  return <img class={name} src={url} alt={alt} decoding="async" onError={() => setMissing(true)} />;
}

export function Dialog({ onClose, children, label }: { onClose: () => void; children: ComponentChildren; label: string }) {
  const ref = useRef<HTMLDialogElement>(null);
  useEffect(() => {
    ref.current?.showModal();
  }, []);
  return (
    <dialog ref={ref} class="viewer" aria-label={label} onClose={onClose} onClick={() => ref.current?.close()}>
      {children}
    </dialog>
  );
}

export function Gone() {
  return (
    <main class="page">
      <Head title={W.job.gone} back={() => goBack({ at: "jobs" })} />
      <p>{W.job.goneMore}</p>
      <Link to={{ at: "jobs" }} class="button">
        {W.job.toJobs}
      </Link>
    </main>
  );
}

export function Head({ title, back, children }: { title: ComponentChildren; back?: () => void; children?: ComponentChildren }) {
  return (
    <header class="head">
      {back && (
        <button type="button" class="icon-button" onClick={back} aria-label={W.job.back}>
          <Icon name="back" />
        </button>
      )}
      <h1>{title}</h1>
      {children}
    </header>
  );
}
