import { Component, type ComponentChildren } from 'preact';

interface Props {
  readonly name: string;
  readonly children: ComponentChildren;
}

/** What is inside may break; the rest of the page goes on. */
export class Boundary extends Component<Props, { readonly broken: string | null }> {
  override state: { readonly broken: string | null } = { broken: null };

  static override getDerivedStateFromError(error: unknown): { broken: string } {
    return { broken: error instanceof Error ? error.message : String(error) };
  }

  override render({ name, children }: Props) {
    const { broken } = this.state;
    if (broken === null) return children;
    return (
      <section class="panel" data-panel={name}>
        <p class="fault" role="alert">
          This panel ({name}) could not draw what it was given: {broken}. The others go on.
        </p>
        <button type="button" onClick={() => { this.setState({ broken: null }); }}>
          Try again
        </button>
      </section>
    );
  }
}
