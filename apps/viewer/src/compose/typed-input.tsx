import { useState } from 'preact/hooks';

export interface TypedInputProps {
  readonly id: string;
  readonly type: 'number' | 'text';
  readonly title: string;
  readonly placeholder: string;
  readonly 'aria-describedby': string;
  readonly step?: number | 'any';
  readonly min?: number;
  readonly max?: number;
  readonly spellcheck?: boolean;
  readonly value: string;
  /** Called when what was typed is whole: by Enter, or when the field is left. */
  readonly onCommit: (text: string) => void;
}

/** A field that keeps what is being typed, whatever else changes on the page. */
export function TypedInput({ value, onCommit, ...rest }: TypedInputProps) {
  const [draft, setDraft] = useState<string | null>(null);
  return (
    <input
      {...(rest as object)}
      value={draft ?? value}
      onInput={({ currentTarget }) => { setDraft(currentTarget.value); }}
      onChange={({ currentTarget }) => {
        onCommit(currentTarget.value);
        setDraft(null);
      }}
    />
  );
}
