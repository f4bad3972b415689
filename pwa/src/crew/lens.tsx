/** The camera inside the page, and a finger's marks on a photo. Loaded when first wanted. */

import type { ComponentChildren } from "preact";
import { useEffect, useRef, useState } from "preact/hooks";
import type { DraftPhoto } from "../core/draft";
import { Icon } from "../design/icons";
import { app } from "./app";
import { W } from "./words";

const QUALITY = 0.85;
const WANTED: MediaStreamConstraints = { audio: false, video: { facingMode: { ideal: "environment" }, width: { ideal: 2560 }, height: { ideal: 1920 } } };

function Full({ label, onClose, children }: { label: string; onClose: () => void; children: ComponentChildren }) {
  const ref = useRef<HTMLDialogElement>(null);
  useEffect(() => ref.current?.showModal(), []);
  return (
    <dialog ref={ref} class="lens" aria-label={label} onClose={onClose}>
      {children}
    </dialog>
  );
}

interface LensProps {
  name: string;
  onTake: (picture: Blob) => void;
  onClose: () => void;
  /** There is no camera, or it is not ours to use. */
  onFail: () => void;
}

export function Lens({ name, onTake, onClose, onFail }: LensProps) {
  const video = useRef<HTMLVideoElement>(null);
  const [isReady, setReady] = useState(false);
  const [shot, setShot] = useState<{ picture: Blob; url: string } | null>(null);

  useEffect(() => {
    let stream: MediaStream | null = null;
    let isGone = false;
    navigator.mediaDevices.getUserMedia(WANTED).then(
      (it) => {
        stream = it;
        if (isGone || video.current === null) return stop(it);
        video.current.srcObject = it;
      },
      () => isGone || onFail(),
    );
    return () => {
      isGone = true;
      stop(stream);
    };
  }, []);
  useEffect(() => () => URL.revokeObjectURL(shot?.url ?? ""), [shot]);

  const take = () => {
    const { videoWidth: width = 0, videoHeight: height = 0 } = video.current ?? {};
    if (video.current === null || width === 0) return;
    const canvas = Object.assign(document.createElement("canvas"), { width, height });
    canvas.getContext("2d")?.drawImage(video.current, 0, 0);
    canvas.toBlob((picture) => (picture === null ? onFail() : setShot({ picture, url: URL.createObjectURL(picture) })), "image/jpeg", QUALITY);
  };
  const use = (isLast: boolean) => {
    if (shot !== null) onTake(shot.picture);
    setShot(null);
    if (isLast) onClose();
  };

  return (
    <Full label={name} onClose={onClose}>
      {/* The stream goes on behind the picture: taking another is instant. */}
      <video ref={video} hidden={shot !== null} playsInline muted autoPlay onPlaying={() => setReady(true)} />
      {shot !== null && <img src={shot.url} alt={name} />}
      {!isReady && <p class="lens-words">{W.lens.starting}</p>}
      {shot === null ? (
        <div class="lens-doors">
          <button type="button" class="button" onClick={onClose}>
            <Icon name="x" /> {W.lens.close}
          </button>
          <button type="button" class="button button-main" data-testid="lens-take" disabled={!isReady} onClick={take}>
            <Icon name="camera" /> {W.lens.take}
          </button>
        </div>
      ) : (
        <div class="lens-doors">
          <button type="button" class="button" data-testid="lens-retake" onClick={() => setShot(null)}>
            <Icon name="again" /> {W.lens.retake}
          </button>
          <button type="button" class="button" data-testid="lens-more" onClick={() => use(false)}>
            {W.lens.more}
          </button>
          <button type="button" class="button button-main" data-testid="lens-use" onClick={() => use(true)}>
            <Icon name="closed" /> {W.lens.use}
          </button>
        </div>
      )}
    </Full>
  );
}

function stop(stream: MediaStream | null): void {
  for (const track of stream?.getTracks() ?? []) track.stop();
}

type Stroke = { x: number; y: number }[];

/** Yellow on black: seen on asphalt, snow and leaves alike. */
const INK = ["#000", "#ffd400"] as const;

export function Marker({ photo, onDone, onClose }: { photo: DraftPhoto; onDone: (picture: Blob) => void; onClose: () => void }) {
  const canvas = useRef<HTMLCanvasElement>(null);
  const [picture, setPicture] = useState<ImageBitmap | null>(null);
  const [strokes, setStrokes] = useState<Stroke[]>([]);
  const drawing = useRef<Stroke | null>(null);

  useEffect(() => {
    void app.photoBytes(photo).then(
      async (bytes) => setPicture(await createImageBitmap(new Blob([bytes], { type: photo.type }), { imageOrientation: "from-image" })),
      onClose,
    ).catch(onClose);
  }, [photo.id]);
  useEffect(() => {
    if (canvas.current !== null && picture !== null) paint(canvas.current, picture, strokes);
  }, [picture, strokes]);

  const at = (event: PointerEvent) => {
    const box = canvas.current?.getBoundingClientRect();
    if (box === undefined || picture === null) return null;
    const scale = Math.min(box.width / picture.width, box.height / picture.height);
    return {
      x: (event.clientX - box.left - (box.width - picture.width * scale) / 2) / scale,
      y: (event.clientY - box.top - (box.height - picture.height * scale) / 2) / scale,
    };
  };
  const draw = (event: PointerEvent) => {
    const point = at(event);
    if (drawing.current === null || point === null || canvas.current === null || picture === null) return;
    drawing.current.push(point);
    paint(canvas.current, picture, [...strokes, drawing.current]);
  };
  const end = () => {
    if (drawing.current !== null && drawing.current.length > 1) setStrokes([...strokes, drawing.current]);
    drawing.current = null;
  };

  return (
    <Full label={W.lens.mark} onClose={onClose}>
      <canvas
        ref={canvas}
        role="img"
        aria-label={W.lens.drawing}
        data-testid="marker"
        onPointerDown={(event) => {
          const point = at(event);
          event.currentTarget.setPointerCapture(event.pointerId);
          drawing.current = point === null ? null : [point];
        }}
        onPointerMove={draw}
        onPointerUp={end}
        onPointerCancel={end}
      />
      {strokes.length === 0 && <p class="lens-words">{W.lens.drawing}</p>}
      <div class="lens-doors">
        <button type="button" class="button" onClick={onClose}>
          <Icon name="x" /> {W.job.back}
        </button>
        <button type="button" class="button" disabled={strokes.length === 0} onClick={() => setStrokes(strokes.slice(0, -1))}>
          <Icon name="back" /> {W.lens.undo}
        </button>
        <button
          type="button"
          class="button button-main"
          data-testid="marker-done"
          disabled={strokes.length === 0}
          onClick={() =>
            canvas.current?.toBlob(
              (marked) => {
                if (marked !== null) onDone(marked);
                onClose();
              },
              "image/jpeg",
              QUALITY,
            )
          }
        >
          <Icon name="pencil" /> {W.lens.done}
        </button>
      </div>
    </Full>
  );
}

function paint(canvas: HTMLCanvasElement, picture: ImageBitmap, strokes: readonly Stroke[]): void {
  if (canvas.width !== picture.width || canvas.height !== picture.height) Object.assign(canvas, { width: picture.width, height: picture.height });
  const paper = canvas.getContext("2d");
  if (paper === null) return;
  paper.drawImage(picture, 0, 0);
  paper.lineCap = paper.lineJoin = "round";
  const wide = Math.max(picture.width, picture.height) / 90;
  for (const [i, ink] of INK.entries()) {
    paper.strokeStyle = ink;
    paper.lineWidth = wide * (i === 0 ? 1.6 : 1);
    for (const stroke of strokes) {
      paper.beginPath();
      for (const { x, y } of stroke) paper.lineTo(x, y);
      paper.stroke();
    }
  }
}
