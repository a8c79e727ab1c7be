import { useEffect, useRef } from 'preact/hooks';

import type { Model } from '../model/model.ts';
import type { Drag, Scene } from '../model/scene.ts';
import { short } from '../panels/draw/scale.ts';

/** Milliseconds between the last move of a slider and the new start. */
const rest = 160;

/** What can be dragged in a scene: its methods run again from the same start. */
export function SceneDrags({ model, scene }: { readonly model: Model; readonly scene: Scene }) {
  const waiting = useRef<ReturnType<typeof setTimeout>>(undefined);
  const composition = model.composition.value;
  const status = model.status.value;
  useEffect(() => () => clearTimeout(waiting.current), []);
  // What the scene looks for around the point is asked once its runs have ended.
  useEffect(() => {
    if (status === 'ended' && scene.stationary !== undefined) void model.askStationary(scene.stationary);
  }, [model, scene, status, model.runs.value[0]?.composition]);
  return (
    <div class="scene-drags">
      {scene.drags.filter((drag) => Number.isFinite(drag.read(composition))).map((drag) => (
        <Slider
          key={drag.label}
          drag={drag}
          value={drag.read(composition)}
          onMove={(value) => {
            model.composition.value = drag.write(model.composition.value, value);
            clearTimeout(waiting.current);
            waiting.current = setTimeout(() => model.restart(), rest);
          }}
        />
      ))}
    </div>
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
        onInput={({ currentTarget }) => onMove(Math.min(max, Math.max(min, from(currentTarget.valueAsNumber))))}
      />
    </label>
  );
}
