/**
 * One GPU device with all that is kept for it: pipelines, buffers, and the dispatches that wait to be handed over together.
 *
 * Dispatches only enqueue. They are handed over when a page of parameters is full, before numbers are written from the host, and with each
 * read, which alone waits.
 */
import { Failures } from './failures.ts';
import { Pool, type Store, usages } from './pool.ts';
import { blockBytes, type Shader } from './shader.ts';

/** Dispatches that are handed over together. */
const pageBlocks = 64;
/** So many bind groups are remembered. */
const mostGroups = 4096;
/** GPUShaderStage.COMPUTE, and GPUBufferUsage.UNIFORM | COPY_DST */
const [compute, uniformUse] = [0x4, 0x48] as const;
/** What every device allows in one dimension of a dispatch. */
export const mostWorkgroups = 65535;

interface Pipeline {
  readonly pipeline: GPUComputePipeline;
  readonly layout: GPUBindGroupLayout;
  readonly names: readonly string[];
  readonly fields: readonly (readonly [string, 'f32' | 'u32'])[];
  readonly groups: Map<string, GPUBindGroup>;
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
  #used = 0;
  #groupCount = 0;
  #encoder: GPUCommandEncoder | undefined;
  #pass: GPUComputePassEncoder | undefined;

  constructor(device: GPUDevice) {
    this.device = device;
    this.failures = new Failures(device);
    this.pool = new Pool(device, usages.storage, () => { this.#retire(); });
    this.#staging = new Pool(device, usages.staging);
    this.#page = device.createBuffer({ size: this.#blocks.byteLength, usage: uniformUse });
  }

  /** Enqueues a dispatch. Buffers and parameters by the names that the shader gave them. */
  run<B extends string, P extends string>(
    shader: Shader<B, P>,
    buffers: Readonly<Record<B, Store>>,
    parameters: Readonly<Record<P, number>>,
    x: number,
    y = 1,
    z = 1,
  ): void {
    this.failures.require();
    if (this.#used === pageBlocks) this.submit();
    const pipeline = this.#pipelines.get(shader.name) ?? this.#build(shader);
    const at = (this.#used * blockBytes) / 4;
    pipeline.fields.forEach(([name, type], i) => {
      const value = parameters[name as P];
      if (type === 'f32') this.#floats[at + i] = value;
      else this.#words[at + i] = value;
    });
    this.#encoder ??= this.device.createCommandEncoder();
    this.#pass ??= this.#encoder.beginComputePass();
    this.#pass.setPipeline(pipeline.pipeline);
    this.#pass.setBindGroup(0, this.#groupOf(pipeline, buffers), [this.#used * blockBytes]);
    this.#pass.dispatchWorkgroups(x, y, z);
    this.#used++;
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
    const mapped = staging.buffer.mapAsync(1, 0, Math.max(bytes, 4)).catch((cause: unknown) => this.failures.lost(cause));
    try {
      await Promise.all([mapped, this.failures.settle()]);
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

  #outsidePass(): GPUCommandEncoder {
    this.#pass?.end();
    this.#pass = undefined;
    this.#encoder ??= this.device.createCommandEncoder();
    return this.#encoder;
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
      return { pipeline, layout, names: Object.keys(buffers), fields: Object.entries(parameters), groups: new Map<string, GPUBindGroup>() };
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
