/** The one picture in three dimensions, by three.js: loaded when it is first looked at. */
import { AmbientLight, BufferAttribute, BufferGeometry, Color, CurvePath, DirectionalLight, DoubleSide, LineCurve3, LineBasicMaterial, LineSegments, Mesh as Solid, MeshBasicMaterial, MeshLambertMaterial, PerspectiveCamera, Plane as Half, Scene, SphereGeometry, TubeGeometry, Vector3, WebGLRenderer } from 'three';

import { type Mesh, tall, type Way } from './mesh.ts';
import { fieldOf, middle, type Orbit, positionOf } from './orbit.ts';

export interface Surface {
  show(mesh: Mesh, background: string, lineColour: string): void;
  look(orbit: Orbit): void;
  resize(width: number, height: number): void;
  /** As it is seen now, with two pixels for each of the page. */
  picture(): Promise<ImageBitmap>;
  dispose(): void;
}

/** @throws where the browser has no WebGL */
export function createSurface(canvas: HTMLCanvasElement): Surface {
  const context = canvas.getContext('webgl2', { antialias: true });
  if (context === null) throw new Error('this browser offers no WebGL 2');
  const renderer = new WebGLRenderer({ canvas, context, antialias: true });
  const scene = new Scene();
  renderer.localClippingEnabled = true;
  // What is above the cap is not shown: walls would hide the rest.
  const lid = new Half(new Vector3(0, 0, -1), tall);
  const camera = new PerspectiveCamera(fieldOf(1, 1), 1, 0.1, 50);
  camera.up.set(0, 0, 1);
  const sun = new DirectionalLight(0xffffff, 1.6);
  sun.position.set(-2, -1, 4);
  scene.add(new AmbientLight(0xffffff, 1.9), sun);
  let shown: (Solid | LineSegments)[] = [];
  // Frames are drawn when something has changed, never on their own.
  let frame = 0;
  const render = (): void => {
    frame = 0;
    renderer.render(scene, camera);
  };
  const soon = (): void => {
    frame ||= requestAnimationFrame(render);
  };
  const clear = (): void => {
    for (const { geometry, material } of shown) {
      geometry.dispose();
      for (const each of Array.isArray(material) ? material : [material]) each.dispose();
    }
    scene.remove(...shown);
    shown = [];
  };
  return {
    show(mesh, background, lineColour) {
      clear();
      scene.background = new Color(background);
      const ground = new BufferGeometry();
      ground.setAttribute('position', new BufferAttribute(mesh.positions, 3));
      ground.setAttribute('color', new BufferAttribute(linear(mesh.colours), 3));
      ground.setIndex(new BufferAttribute(mesh.indices, 1));
      ground.computeVertexNormals();
      const lines = new BufferGeometry();
      lines.setAttribute('position', new BufferAttribute(mesh.lines, 3));
      shown = [
        new Solid(ground, new MeshLambertMaterial({ vertexColors: true, side: DoubleSide, clippingPlanes: [lid] })),
        new LineSegments(lines, new LineBasicMaterial({ color: lineColour, transparent: true, opacity: 0.45 })),
        new LineSegments(floor(), new LineBasicMaterial({ color: lineColour, transparent: true, opacity: 0.35 })),
        ...mesh.ways.flatMap(tubeOf),
      ];
      scene.add(...shown);
      soon();
    },
    look(orbit) {
      camera.position.set(...positionOf(orbit));
      camera.lookAt(...middle);
      soon();
    },
    resize(width, height) {
      renderer.setPixelRatio(Math.min(2, devicePixelRatio));
      renderer.setSize(width, height, false);
      camera.aspect = width / height;
      camera.fov = fieldOf(width, height);
      camera.updateProjectionMatrix();
      soon();
    },
    async picture() {
      const ratio = renderer.getPixelRatio();
      renderer.setPixelRatio(2);
      // Drawn in the same turn in which it is read: what a canvas shows is not kept after that.
      render();
      const shot = createImageBitmap(canvas);
      renderer.setPixelRatio(ratio);
      soon();
      return shot;
    },
    dispose() {
      cancelAnimationFrame(frame);
      clear();
      renderer.dispose();
    },
  };
}

/** The outline of the ground that numbers are written beside. */
const floor = (): BufferGeometry => new BufferGeometry().setFromPoints([[-1, -1], [1, -1], [1, -1], [1, 1], [1, 1], [-1, 1], [-1, 1], [-1, -1]].map(([x, y]) => new Vector3(x, y, 0)));

/** A run as a tube with a ball where it is now. */
function tubeOf({ positions, colour }: Way): Solid[] {
  const places: Vector3[] = [];
  for (let k = 0; k < positions.length; k += 3) {
    const place = new Vector3(positions[k], positions[k + 1], positions[k + 2]);
    if (places.length === 0 || places.at(-1)!.distanceTo(place) > 1e-4) places.push(place);
  }
  if (places.length === 0) return [];
  const material = (): MeshBasicMaterial => new MeshBasicMaterial({ color: new Color(`rgb(${colour.join(',')})`) });
  const ball = new Solid(new SphereGeometry(0.035, 16, 12), material());
  ball.position.copy(places.at(-1)!);
  if (places.length === 1) return [ball];
  // Straight from place to place: what lies between observations is not known.
  const way = new CurvePath<Vector3>();
  places.slice(1).forEach((place, k) => {
    way.add(new LineCurve3(places[k], place));
  });
  return [new Solid(new TubeGeometry(way, Math.min(3000, 12 * places.length), 0.012, 6, false), material()), ball];
}

/** Colours as light is added up: vertices take no sRGB. */
function linear(bytes: Uint8Array): Float32Array {
  const table = Float32Array.from({ length: 256 }, (_, byte) => {
    const c = byte / 255;
    return c <= 0.04045 ? c / 12.92 : ((c + 0.055) / 1.055) ** 2.4;
  });
  return Float32Array.from(bytes, (byte) => table[byte]!);
}
