/**
 * A disconnectivity graph (Becker and Karplus 1997): which minima lie in one basin of {f <= height}, for every height.
 */

export interface Leaf {
  /** Position in the census. */
  readonly orbit: number;
  /** Which component of the orbit, where it has several that stand apart. */
  readonly component: 0 | 1;
}

/** A way from one point to several leaves that never lies above `height`. */
export interface Link {
  readonly height: number;
  readonly leaves: readonly number[];
  /** Position of its highest point in the census. */
  readonly through: number;
}

export interface MergeNode {
  /** The leaf's value, or that of the saddle at which its parts join. */
  readonly height: number;
  /** Of a leaf its number, of a join the position of the saddle in the census. */
  readonly leaf: number | null;
  readonly through: number | null;
  /** Indices of nodes; a join has two or more. */
  readonly parts: readonly number[];
}

export interface MergeTree {
  /** Leaves first, then joins by height. */
  readonly nodes: readonly MergeNode[];
  /** Nodes that nothing joins, as far as is known. */
  readonly roots: readonly number[];
}

/** Links in ascending order join what they touch; those of one height join at once. */
export function mergeTree(heights: readonly number[], links: readonly Link[]): MergeTree {
  const nodes: MergeNode[] = heights.map((height, leaf) => ({ height, leaf, through: null, parts: [] }));
  const top = heights.map((_, leaf) => leaf);
  const parent = heights.map((_, leaf) => leaf);
  const rootOf = (leaf: number): number => {
    let at = leaf;
    while (parent[at] !== at) at = parent[at]!;
    return at;
  };
  for (const { height, leaves, through } of [...links].sort((a, b) => a.height - b.height)) {
    const groups = [...new Set(leaves.map(rootOf))];
    if (groups.length < 2) continue;
    const [first, ...others] = groups as [number, ...number[]];
    // Parts that this very saddle has joined before are one node with these.
    const parts = groups.flatMap((group) => {
      const node = nodes[top[group]!]!;
      return node.through === through ? [...node.parts] : [top[group]!];
    });
    for (const other of others) parent[other] = first;
    top[first] = nodes.length;
    nodes.push({ height, leaf: null, through, parts });
  }
  const reached = new Set<number>();
  const roots = [...new Set(heights.map((_, leaf) => top[rootOf(leaf)]!))];
  const visit = (node: number): void => {
    reached.add(node);
    nodes[node]!.parts.forEach(visit);
  };
  roots.forEach(visit);
  // Nodes that were taken up into others of the same saddle are left out.
  const place = new Map([...reached].sort((a, b) => a - b).map((node, k) => [node, k]));
  return {
    nodes: [...place.keys()].map((node) => ({ ...nodes[node]!, parts: nodes[node]!.parts.map((part) => place.get(part)!) })),
    roots: roots.map((node) => place.get(node)!),
  };
}

/** The height at which two leaves join; Infinity where nothing joins them. */
export function joinHeight({ nodes }: MergeTree, a: number, b: number): number {
  const holds = (node: number, leaf: number): boolean => nodes[node]!.leaf === leaf || nodes[node]!.parts.some((part) => holds(part, leaf));
  let best = Infinity;
  nodes.forEach(({ height }, node) => {
    if (height < best && holds(node, a) && holds(node, b)) best = height;
  });
  return best;
}
