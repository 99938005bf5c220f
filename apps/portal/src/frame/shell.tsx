import { Burger, Drawer, Menu, SegmentedControl, useMantineColorScheme } from '@mantine/core';
import { useDisclosure } from '@mantine/hooks';
import { IconCheck, IconChevronDown, IconLogout, IconPlugConnectedX } from '@tabler/icons-react';
import { useQueryClient } from '@tanstack/react-query';
import { Suspense, useEffect, useRef } from 'react';
import { Link, Navigate, NavLink, Outlet, useLocation, useNavigate, useNavigation } from 'react-router';
import { useRead } from '../api/client.js';
import { useConnection } from '../api/connection.js';
import { viewerQuery } from '../api/operations/viewer.js';
import { signOut, useSignedIn } from '../api/session.js';
import { browserZone } from '../i18n/formats.js';
import { languageNames, languages, useI18n } from '../i18n/i18n.js';
import { Logo } from './logo.js';
import { Failed, Forbidden, PageSkeleton } from './states.js';
import { type ConsoleName, ConsoleProvider, consolesOf, pagesOf, useViewer, ViewerContext } from './viewer.js';

function Offline() {
  const { online, lastDataAt } = useConnection();
  const { text, formats } = useI18n();
  return (
    <div role="status" aria-live="polite">
      {!online && (
        <div className="offline">
          <IconPlugConnectedX size={18} />
          {text.states.offline(
            `${formats.timeSeconds(lastDataAt, browserZone)} ${formats.zone(browserZone, lastDataAt)}`,
          )}
        </div>
      )}
    </div>
  );
}

function Account() {
  const viewer = useViewer();
  const { text, language, choose } = useI18n();
  const { colorScheme, setColorScheme } = useMantineColorScheme();
  const navigate = useNavigate();
  const client = useQueryClient();
  const leave = () =>
    void signOut().then(() => {
      client.clear();
      return navigate('/sign-in');
    });
  return (
    <Menu position="bottom-end" width={240} shadow="md" closeOnItemClick={false} withInitialFocusPlaceholder={false}>
      <Menu.Target>
        <button type="button" className="account">
          <span>
            {viewer.organisation.name} · {text.roles[viewer.role] ?? viewer.role}
          </span>
          <span className="sr-only">{text.account.open}</span>
          <IconChevronDown size={16} style={{ flex: 'none' }} />
        </button>
      </Menu.Target>
      <Menu.Dropdown>
        <Menu.Label>
          {viewer.name}
          <br />
          {viewer.email}
        </Menu.Label>
        <Menu.Divider />
        <Menu.Label>{text.account.appearance}</Menu.Label>
        {(['light', 'dark', 'auto'] as const).map((scheme) => (
          <Menu.Item
            key={scheme}
            onClick={() => setColorScheme(scheme)}
            rightSection={colorScheme === scheme && <IconCheck size={16} />}
          >
            {scheme === 'auto' ? text.account.system : text.account[scheme]}
          </Menu.Item>
        ))}
        <Menu.Label>{text.account.language}</Menu.Label>
        {languages.map((name) => (
          <Menu.Item
            key={name}
            lang={name}
            onClick={() => choose(name)}
            rightSection={language === name && <IconCheck size={16} />}
          >
            {languageNames[name]}
          </Menu.Item>
        ))}
        <Menu.Divider />
        <Menu.Item leftSection={<IconLogout size={16} />} onClick={leave}>
          {text.account.signOut}
        </Menu.Item>
      </Menu.Dropdown>
    </Menu>
  );
}

function ConsoleSwitch({ current }: { current: ConsoleName }) {
  const viewer = useViewer();
  const { text } = useI18n();
  const navigate = useNavigate();
  const consoles = consolesOf(viewer);
  if (consoles.length < 2) return null;
  return (
    <SegmentedControl
      size="xs"
      aria-label={text.nav.console}
      value={current}
      data={consoles.map((name) => ({ value: name, label: text.nav.consoles[name] ?? name }))}
      onChange={(name) => void navigate(pagesOf(name as ConsoleName, viewer)[0]?.path ?? '/')}
    />
  );
}

function Header({ current }: { current: ConsoleName }) {
  const viewer = useViewer();
  const { text } = useI18n();
  const [opened, drawer] = useDisclosure(false);
  const links = (names: readonly ConsoleName[], onClick?: () => void) =>
    names.flatMap((name) =>
      pagesOf(name, viewer).map((page) => (
        <NavLink key={page.path} to={page.path} onClick={onClick}>
          {text.nav[page.name]}
        </NavLink>
      )),
    );
  return (
    <header className="header">
      <Burger
        className="burger no-print"
        size="sm"
        opened={opened}
        onClick={drawer.toggle}
        aria-label={text.nav.menu}
      />
      <Link to="/" className="brand">
        <Logo />
        {text.appName}
      </Link>
      <nav className="nav no-print" aria-label={text.nav.label}>
        {links([current])}
      </nav>
      <div className="header-end no-print">
        <div className="wide-only">
          <ConsoleSwitch current={current} />
        </div>
        <Account />
      </div>
      <Drawer
        opened={opened}
        onClose={drawer.close}
        position="left"
        size={280}
        title={text.appName}
        closeButtonProps={{ 'aria-label': text.table.close }}
      >
        <nav className="drawer-nav" aria-label={text.nav.menu}>
          {consolesOf(viewer).map((name) => (
            <div key={name} className="drawer-nav">
              {consolesOf(viewer).length > 1 && <h3>{text.nav.consoles[name]}</h3>}
              {links([name], drawer.close)}
            </div>
          ))}
        </nav>
      </Drawer>
    </header>
  );
}

/** A thin line at the top while the next page loads: the present one stays until then. */
function Progress() {
  return useNavigation().state === 'loading' ? <div className="progress" /> : null;
}

/** Everything behind the sign-in: who one is, the header, and the page. */
export function Shell() {
  const signedIn = useSignedIn();
  const location = useLocation();
  const { suggest } = useI18n();
  const read = useRead(viewerQuery, {}, { enabled: signedIn });
  const language = read.data?.viewer.language;
  useEffect(() => {
    if (language) suggest(language);
  }, [language, suggest]);
  if (!signedIn) {
    const next = location.pathname + location.search;
    return <Navigate to={next === '/' ? '/sign-in' : `/sign-in?next=${encodeURIComponent(next)}`} replace />;
  }
  if (!read.data)
    return (
      <main className="main">{read.error ? <Failed error={read.error} retry={read.refetch} /> : <PageSkeleton />}</main>
    );
  return (
    <ViewerContext value={read.data.viewer}>
      <Outlet />
    </ViewerContext>
  );
}

/** Frame of one console. Pages of a console one may not open say so, whatever the address. */
export function ConsoleFrame({ name }: { name: ConsoleName }) {
  const viewer = useViewer();
  const { text } = useI18n();
  const location = useLocation();
  const main = useRef<HTMLElement>(null);
  const first = useRef(true);
  const allowed = consolesOf(viewer).includes(name);
  // After a page change the reader (and a screen reader) starts at the top of the new page.
  // biome-ignore lint/correctness/useExhaustiveDependencies: the path is the trigger, not an input.
  useEffect(() => {
    if (first.current) {
      first.current = false;
      return;
    }
    main.current?.focus({ preventScroll: true });
  }, [location.pathname]);
  return (
    <ConsoleProvider value={name}>
      <a className="skip" href="#main">
        {text.skip}
      </a>
      <Progress />
      <Header current={allowed ? name : (consolesOf(viewer)[0] ?? name)} />
      <Offline />
      <main id="main" className="main" ref={main} tabIndex={-1}>
        {allowed ? (
          <Suspense fallback={<PageSkeleton />}>
            <Outlet />
          </Suspense>
        ) : (
          <Forbidden page />
        )}
      </main>
    </ConsoleProvider>
  );
}

/** The start page of whoever is signed in. */
export function Home() {
  const viewer = useViewer();
  const console = consolesOf(viewer)[0];
  const page = console && pagesOf(console, viewer)[0];
  return page ? <Navigate to={page.path} replace /> : <Forbidden page />;
}
