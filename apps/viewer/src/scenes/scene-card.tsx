import { useEffect, useRef } from 'preact/hooks';

import type { Model } from '../model/model.ts';
import type { Drag, Scene } from '../model/scene.ts';
import { short } from '../panels/draw/scale.ts';
import { openScene } from './open-scene.ts';
import { scenes } from './scenes.ts';

/** Milliseconds between the last move of a slider and the new start. */
const rest = 160;

/** The scene's words, and what can be dragged. */
export function SceneCard({ model, scene }: { readonly model: Model; readonly scene: Scene }) {
  const waiting = useRef<ReturnType<typeof setTimeout>>(undefined);
  const composition = model.composition.value;
  const status = model.status.value;
  useEffect(() => () => clearTimeout(waiting.current), [scene]);
  // What the scene looks for around the point is asked once its runs have ended.
  useEffect(() => {
    if (status === 'ended' && scene.stationary !== undefined) void model.askStationary(scene.stationary);
  }, [model, scene, status, model.runs.value[0]?.composition]);
  const move = (drag: Drag, value: number): void => {
    model.composition.value = drag.write(composition, value);
    clearTimeout(waiting.current);
    waiting.current = setTimeout(() => {
      model.restart();
    }, rest);
  };
  const position = scenes.indexOf(scene);
  const next = scenes[(position + 1) % scenes.length]!;
  return (
    <section class="scene-card" aria-labelledby="scene-title">
      <header>
        <h2 id="scene-title">{scene.title}</h2>
        <div class="scene-tools">
          <button type="button" onClick={() => openScene(model, scene)}>
            As it was
          </button>
          <button type="button" onClick={() => openScene(model, next)}>
            Next: {next.title}
          </button>
          <button type="button" onClick={() => model.look({ scene: '' })}>
            Close
          </button>
        </div>
      </header>
      {scene.paragraphs.map((text) => (
        <p key={text}>{text}</p>
      ))}
      <div class="scene-drags">
        {scene.drags.map((drag) => (
          <Slider key={drag.label} drag={drag} value={drag.read(composition)} onMove={(value) => move(drag, value)} />
        ))}
      </div>
    </section>
  );
}

function Slider({ drag: { label, min, max, step, logarithmic = false }, value, onMove }: { readonly drag: Drag; readonly value: number; readonly onMove: (value: number) => void }) {
  const to = (number: number): number => (logarithmic ? Math.log10(number) : number);
  const from = (place: number): number => (logarithmic ? Number((10 ** place).toPrecision(3)) : place);
  return (
    <label class="scene-drag">
      <span>
        {label} <output>{short(value)}</output>
      </span>
      <input
        type="range"
        min={to(min)}
        max={to(max)}
        step={step}
        value={to(value)}
        aria-valuetext={short(value)}
        onInput={(event) => {
          // The end of a range need not be a whole number of steps away.
          onMove(Math.min(max, Math.max(min, from(event.currentTarget.valueAsNumber))));
        }}
      />
    </label>
  );
}
