import { createContext, type ReactNode, use, useCallback, useEffect, useMemo, useState } from 'react';
import { en, type Text } from './en.js';
import { Formats } from './formats.js';

export const languages = ['en', 'de'] as const;
export type Language = (typeof languages)[number];
export const languageNames: Record<Language, string> = { en: 'English', de: 'Deutsch' };

const storageKey = 'throughline.language';
const isLanguage = (text: string | null | undefined): text is Language => languages.some((l) => l === text);

interface I18n {
  readonly language: Language;
  readonly text: Text;
  readonly formats: Formats;
  readonly choose: (language: Language) => void;
  /** The account's language counts while the reader has chosen none. */
  readonly suggest: (language: string) => void;
}

const Context = createContext<I18n | null>(null);

function initial(): Language {
  const chosen = localStorage.getItem(storageKey);
  if (isLanguage(chosen)) return chosen;
  return isLanguage(navigator.language.slice(0, 2)) ? (navigator.language.slice(0, 2) as Language) : 'en';
}

/** English is part of the first load, other languages come when needed. */
const dictionaries: Record<Language, () => Promise<Text>> = {
  en: async () => en,
  de: async () => (await import('./de.js')).de,
};

export function I18nProvider({ children }: { children: ReactNode }) {
  const [language, setLanguage] = useState<Language>(initial);
  const [loaded, setLoaded] = useState<{ language: Language; text: Text } | null>(
    language === 'en' ? { language, text: en } : null,
  );
  useEffect(() => {
    let current = true;
    void dictionaries[language]().then((text) => {
      if (!current) return;
      document.documentElement.lang = language;
      setLoaded({ language, text });
    });
    return () => {
      current = false;
    };
  }, [language]);
  const choose = useCallback((next: Language) => {
    localStorage.setItem(storageKey, next);
    setLanguage(next);
  }, []);
  const suggest = useCallback((next: string) => {
    if (!isLanguage(localStorage.getItem(storageKey)) && isLanguage(next)) setLanguage(next);
  }, []);
  const value = useMemo<I18n | null>(
    () => loaded && { ...loaded, formats: new Formats(loaded.text.locale, loaded.text.counted), choose, suggest },
    [loaded, choose, suggest],
  );
  return value && <Context value={value}>{children}</Context>;
}

export function useI18n(): I18n {
  const value = use(Context);
  if (!value) throw new Error('I18nProvider is missing');
  return value;
}

export const useText = (): Text => useI18n().text;
export const useFormats = (): Formats => useI18n().formats;
