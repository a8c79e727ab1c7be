import { useEffect, useLayoutEffect, useRef, useState } from 'preact/hooks';

import { theme } from '../draw/theme.ts';
import type { Drawing } from '../export/picture.ts';
import { Overlay } from '../frame/figure.tsx';
import type { Mesh } from './mesh.ts';
import { type Orbit, turned, turnedBy } from './orbit.ts';
import type { Surface } from './three-surface.ts';

export interface SurfaceViewProps {
  readonly mesh: Mesh;
  readonly width: number;
  readonly height: number;
  readonly orbit: Orbit;
  readonly onOrbit: (orbit: Orbit) => void;
  /** Called where it cannot be drawn, with the reason. */
  readonly onFailure: (reason: string) => void;
  /** Holds the surface while it is there. */
  readonly held: { current: Surface | null };
  readonly summary: string;
  /** Drawn over it: axes, the key, marks. */
  readonly over: Drawing;
}

/** The surface. Dragging or the arrow keys turn it, the wheel with Ctrl or + and - bring it nearer, Home turns it back. */
export function SurfaceView({ mesh, width, height, orbit, onOrbit, onFailure, held, summary, over }: SurfaceViewProps) {
  const canvas = useRef<HTMLCanvasElement>(null);
  const [surface, setSurface] = useState<Surface | null>(null);
  const now = useRef({ orbit, onOrbit });
  now.current = { orbit, onOrbit };
  const colours = theme.value;

  useEffect(() => {
    let made: Surface | null = null;
    let gone = false;
    const lost = (event: Event): void => {
      event.preventDefault();
      onFailure('the graphics of this browser stopped');
    };
    const element = canvas.current;
    element?.addEventListener('webglcontextlost', lost);
    void import('./three-surface.ts')
      .then(({ createSurface }) => {
        if (gone || element === null) return;
        made = createSurface(element);
        held.current = made;
        setSurface(made);
      })
      .catch((error: unknown) => {
        if (!gone) onFailure(error instanceof Error ? error.message : String(error));
      });
    return () => {
      gone = true;
      element?.removeEventListener('webglcontextlost', lost);
      held.current = null;
      made?.dispose();
    };
  }, []);

  useLayoutEffect(() => surface?.resize(width, height), [surface, width, height]);
  useLayoutEffect(() => surface?.show(mesh, colours.surface, colours.dark ? '#ffffff' : '#000000'), [surface, mesh, colours]);
  useLayoutEffect(() => surface?.look(orbit), [surface, orbit]);

  useEffect(() => {
    const element = canvas.current;
    if (element === null) return undefined;
    // Preact's handlers of wheels cannot keep the page from being zoomed.
    const wheel = (event: WheelEvent): void => {
      if (!event.ctrlKey) return;
      event.preventDefault();
      now.current.onOrbit(turned(now.current.orbit, 0, 0, Math.exp(event.deltaY / 400)));
    };
    element.addEventListener('wheel', wheel, { passive: false });
    return () => element.removeEventListener('wheel', wheel);
  }, []);

  return (
    <div class="panel-layers">
      <canvas
        class="panel-figure surface"
        ref={canvas}
        // Arrow keys turn it: it is an instrument, not only a picture.
        role="application"
        aria-roledescription="surface that can be turned"
        aria-label={`${summary} Arrow keys turn it, plus and minus bring it nearer, Home turns it back.`}
        tabIndex={0}
        data-ready={surface === null ? 'no' : 'yes'}
        style={{ width: `${width}px`, height: `${height}px` }}
        onKeyDown={(event) => {
          const next = turnedBy(orbit, event.key);
          if (next === undefined) return;
          event.preventDefault();
          onOrbit(next);
        }}
        onPointerDown={(event) => event.currentTarget.setPointerCapture(event.pointerId)}
        onPointerMove={(event) => {
          if (event.currentTarget.hasPointerCapture(event.pointerId)) onOrbit(turned(orbit, -event.movementX / 2, event.movementY / 3));
        }}
      />
      {surface !== null && <Overlay drawing={over} size={{ width, height }} />}
    </div>
  );
}
