/**
 * One GPU device with all that is kept for it: pipelines, buffers, and the dispatches that wait to be handed over together.
 *
 * Dispatches only enqueue. They are handed over when a page of parameters is full or their time is, before numbers are written from the host,
 * and with each read, which alone waits.
 *
 * A system ends programs whose dispatches take seconds, and a screen stands still for as long as one takes. So work is predicted, from what
 * the same shader took before, and what would take longer than the budget is cut: into ranges of its workgroups, each of which does what it
 * would have done in one dispatch. Cuts change no bit.
 */
import { type Clock, clockOf } from './clock.ts';
import { Failures } from './failures.ts';
import { Pool, type Store, usages } from './pool.ts';
import type { Sums } from '../shaders/sums.ts';
import { blockBytes, type Shader } from './shader.ts';

/** Dispatches that are handed over together. */
const pageBlocks = 64;
/** So many bind groups are remembered. */
const mostGroups = 4096;
/** GPUShaderStage.COMPUTE, and GPUBufferUsage.UNIFORM | COPY_DST */
const [compute, uniformUse] = [0x4, 0x48] as const;
/** What every device allows in one dimension of a dispatch. */
const mostWorkgroups = 65535;
/** Milliseconds that what is handed over together may take. */
export const defaultBudget = 50;
/** Units of work a millisecond of a shader that was not timed yet: those of the slowest GPUs in use. */
const firstRate = 2 ** 22;
/** A rate changes at most so many times at once, up or down. */
const mostChange = 8;
/** What is below this share of the budget is not worth timing. */
const timedShare = 1 / 8;

interface Pipeline {
  readonly pipeline: GPUComputePipeline;
  readonly layout: GPUBindGroupLayout;
  readonly names: readonly string[];
  readonly fields: readonly (readonly [string, 'f32' | 'u32'])[];
  readonly groups: Map<string, GPUBindGroup>;
  /** Work a millisecond, as last measured. */
  rate: number;
}

export class Lane {
  readonly device: GPUDevice;
  readonly failures: Failures;
  readonly pool: Pool;
  readonly #staging: Pool;
  readonly #pipelines = new Map<string, Pipeline>();
  readonly #page: GPUBuffer;
  readonly #blocks = new ArrayBuffer(pageBlocks * blockBytes);
  readonly #floats = new Float32Array(this.#blocks);
  readonly #words = new Uint32Array(this.#blocks);
  readonly #clock: Clock;
  /** How kernels add up many numbers: `df64` once the device was found to do that right. */
  sums: Sums = 'f32';
  /** Milliseconds that what is handed over together may take. */
  budget: number;
  /** Milliseconds that what is enqueued should take. */
  #predicted = 0;
  /** Submits, and how many of them are known to be done. */
  #submitted = 0;
  #done = 0;
  #used = 0;
  #groupCount = 0;
  #encoder: GPUCommandEncoder | undefined;
  #pass: GPUComputePassEncoder | undefined;

  constructor(device: GPUDevice, budget = defaultBudget, clock = clockOf(device)) {
    this.device = device;
    this.budget = budget;
    this.#clock = clock;
    this.failures = new Failures(device);
    this.pool = new Pool(device, usages.storage, () => { this.#retire(); });
    this.#staging = new Pool(device, usages.staging);
    this.#page = device.createBuffer({ size: this.#blocks.byteLength, usage: uniformUse });
  }

  /** Enqueues a short dispatch. Buffers and parameters by the names that the shader gave them. */
  run<B extends string, P extends string>(
    shader: Shader<B, P>,
    buffers: Readonly<Record<B, Store>>,
    parameters: Readonly<Record<P, number>>,
    x: number,
    y = 1,
    z = 1,
  ): void {
    this.#dispatch(this.#pipelineOf(shader), buffers, parameters, x, y, z);
  }

  /**
   * Enqueues any number of workgroups in a row, in as many dispatches as time demands. The shader's own number of a workgroup is
   * `p.begin + workgroup_id.x`, and what it does depends on that number alone.
   *
   * @param work multiply-adds or numbers moved, whichever are more: with it the time grows
   */
  spread<B extends string, P extends string>(
    shader: Shader<B, P | 'begin'>,
    buffers: Readonly<Record<B, Store>>,
    parameters: Readonly<Record<Exclude<P, 'begin'>, number>>,
    groups: number,
    work: number,
  ): void {
    const pipeline = this.#pipelineOf(shader);
    const time = work / pipeline.rate;
    const timed = time >= timedShare * this.budget;
    const most = Math.max(1, Math.min(mostWorkgroups, Math.floor((groups * this.budget) / time)));
    const each = Math.ceil(groups / Math.ceil(groups / most));
    for (let begin = 0; begin < groups; begin += each) {
      const count = Math.min(each, groups - begin);
      const share = count / groups;
      // Alone, where it is timed.
      if (timed || this.#predicted + time * share > this.budget) this.submit();
      const timing = timed ? this.#clock.start(this.#done === this.#submitted) : undefined;
      if (timing !== undefined) this.#pass = this.#outsidePass().beginComputePass(timing.pass);
      this.#dispatch(pipeline, buffers, { ...parameters, begin }, count, 1, 1);
      this.#predicted += time * share;
      if (!timed) continue;
      if (timing !== undefined) timing.end(this.#outsidePass());
      this.submit();
      if (timing !== undefined) void this.#learn(pipeline, work * share, timing.milliseconds());
    }
  }

  /** A buffer of zeros. */
  zeros(bytes: number): Store {
    this.failures.require();
    const { store, fresh } = this.pool.take(bytes);
    if (!fresh) this.#outsidePass().clearBuffer(store.buffer);
    return store;
  }

  /** Writes after all that is enqueued. */
  write(store: Store, offset: number, data: Float32Array<ArrayBuffer> | Uint32Array<ArrayBuffer> | Int32Array<ArrayBuffer>): void {
    this.failures.require();
    this.submit();
    if (data.length > 0) this.device.queue.writeBuffer(store.buffer, offset, data);
  }

  /** What the buffer holds after all that is enqueued, as f32 or as words. */
  async read(store: Store, offset: number, bytes: number): Promise<ArrayBuffer> {
    this.failures.require();
    const { store: staging } = this.#staging.take(Math.max(bytes, 4));
    if (bytes > 0) this.#outsidePass().copyBufferToBuffer(store.buffer, offset, staging.buffer, 0, bytes);
    this.submit();
    const submitted = this.#submitted;
    const mapped = staging.buffer.mapAsync(1, 0, Math.max(bytes, 4)).catch((cause: unknown) => this.failures.lost(cause));
    try {
      await Promise.all([mapped, this.failures.settle()]);
      this.#done = Math.max(this.#done, submitted);
      return staging.buffer.getMappedRange(0, Math.max(bytes, 4)).slice(0, bytes);
    } finally {
      await mapped.catch(() => undefined);
      staging.buffer.unmap();
      this.#staging.give(staging);
    }
  }

  /** Hands over what is enqueued. */
  submit(): void {
    if (this.#encoder === undefined) return;
    if (this.#used > 0) this.device.queue.writeBuffer(this.#page, 0, this.#blocks, 0, this.#used * blockBytes);
    this.#pass?.end();
    this.device.queue.submit([this.#encoder.finish()]);
    this.#submitted++;
    this.#predicted = 0;
    this.#used = 0;
    this.#encoder = undefined;
    this.#pass = undefined;
  }

  /** No device is open: what is enqueued is handed over, and large free buffers go back to the system. */
  rest(): void {
    this.submit();
    this.pool.rest();
    this.#staging.rest();
  }

  #dispatch(pipeline: Pipeline, buffers: Readonly<Record<string, Store>>, parameters: Readonly<Record<string, number>>, x: number, y: number, z: number): void {
    if (this.#used === pageBlocks) this.submit();
    const at = (this.#used * blockBytes) / 4;
    pipeline.fields.forEach(([name, type], i) => {
      if (type === 'f32') this.#floats[at + i] = parameters[name]!;
      else this.#words[at + i] = parameters[name]!;
    });
    this.#encoder ??= this.device.createCommandEncoder();
    this.#pass ??= this.#encoder.beginComputePass();
    this.#pass.setPipeline(pipeline.pipeline);
    this.#pass.setBindGroup(0, this.#groupOf(pipeline, buffers), [this.#used * blockBytes]);
    this.#pass.dispatchWorkgroups(x, y, z);
    this.#used++;
  }

  /** What a part took tells how much the next ones may take. */
  async #learn(pipeline: Pipeline, work: number, taken: Promise<number | undefined>): Promise<void> {
    // A lost device tells no time.
    const milliseconds = await taken.catch(() => undefined);
    if (milliseconds === undefined) return;
    const { rate } = pipeline;
    pipeline.rate = Math.min(Math.max(work / milliseconds, rate / mostChange), rate * mostChange);
  }

  #outsidePass(): GPUCommandEncoder {
    this.#pass?.end();
    this.#pass = undefined;
    this.#encoder ??= this.device.createCommandEncoder();
    return this.#encoder;
  }

  #pipelineOf(shader: Shader): Pipeline {
    this.failures.require();
    return this.#pipelines.get(shader.name) ?? this.#build(shader);
  }

  #build(shader: Shader): Pipeline {
    const { name, code, buffers, parameters } = shader;
    const { device } = this;
    const built = this.failures.shader(name, () => {
      const uses = Object.values(buffers).map((use, i) => ({
        binding: i + 1,
        visibility: compute,
        buffer: { type: use.startsWith('read') ? ('read-only-storage' as const) : ('storage' as const) },
      }));
      const layout = device.createBindGroupLayout({
        label: name,
        entries: [{ binding: 0, visibility: compute, buffer: { type: 'uniform', hasDynamicOffset: true, minBindingSize: 0 } }, ...uses],
      });
      const pipeline = device.createComputePipeline({
        label: name,
        layout: device.createPipelineLayout({ bindGroupLayouts: [layout] }),
        compute: { module: device.createShaderModule({ label: name, code }), entryPoint: 'main' },
      });
      return { pipeline, layout, names: Object.keys(buffers), fields: Object.entries(parameters), groups: new Map<string, GPUBindGroup>(), rate: firstRate };
    });
    this.#pipelines.set(name, built);
    return built;
  }

  #groupOf({ groups, layout, names }: Pipeline, buffers: Readonly<Record<string, Store>>): GPUBindGroup {
    let key = '';
    for (const name of names) key += `${buffers[name]!.id} `;
    const known = groups.get(key);
    if (known !== undefined) return known;
    if (this.#groupCount === mostGroups) this.#forgetGroups();
    const entries = names.map((name, i) => ({ binding: i + 1, resource: { buffer: buffers[name]!.buffer } }));
    const group = this.device.createBindGroup({ layout, entries: [{ binding: 0, resource: { buffer: this.#page, size: blockBytes } }, ...entries] });
    groups.set(key, group);
    this.#groupCount++;
    return group;
  }

  #retire(): void {
    this.submit();
    this.#forgetGroups();
  }

  #forgetGroups(): void {
    for (const { groups } of this.#pipelines.values()) groups.clear();
    this.#groupCount = 0;
  }
}
