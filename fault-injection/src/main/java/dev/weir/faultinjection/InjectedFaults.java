package dev.weir.faultinjection;

import dev.weir.common.file.DataFiles;
import dev.weir.service.app.fault.ServerFaults;
import dev.weir.service.config.Limit;
import dev.weir.service.config.Limits;
import dev.weir.service.core.sequence.SequenceRule;
import dev.weir.service.log.LogEngine;
import dev.weir.service.log.LogEngineSettings;
import io.grpc.ServerInterceptor;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.Executor;
import java.util.function.Function;
import java.util.function.IntConsumer;

/**
 * The faults that a server was started with by their words, and those that are armed while it runs.
 * Thread-safe. Each part of the server is given what it goes without when it is made; where nothing
 * is to go wrong, nothing is in its way.
 */
public final class InjectedFaults implements ServerFaults {
  /** Exit code of a server that died at the point it was told. */
  public static final int KILLED_EXIT_CODE = 97;

  /** Has kill points, and is armed later by {@link #arm}. */
  private static final String KILL_LATER = "kill-later";

  private static final String KILL = "kill=";

  /** Has threads that can be broken later by {@link #arm}. */
  private static final String BREAK_LATER = "break-later";

  /** The argument that names the fault and its thread. */
  private static final String BREAK = "break=";

  /** Room for so many bytes of files. */
  private static final String SPACE = "space=";

  private final Set<Protection> off;
  private final KillSwitch kill; // null for none
  private final long spaceBytes; // 0 for no bound
  private final List<String> words;
  private volatile Function<String, Executor> threads = name -> null;

  private InjectedFaults(
      Set<Protection> off, KillSwitch kill, long spaceBytes, List<String> words) {
    this.off = off;
    this.kill = kill;
    this.spaceBytes = spaceBytes;
    this.words = List.copyOf(words);
  }

  /**
   * Understands {@code no-sync}, {@code no-duplicate-check}, {@code no-checksum-check}, {@code
   * no-epoch-check}, {@code no-blocks}, {@code no-answers}, {@code no-catalog}, {@code
   * kill=POINT:N}, {@code kill-later}, {@code break-later} and {@code space=BYTES}.
   *
   * @throws IllegalArgumentException for other words
   */
  public static InjectedFaults of(List<String> words) {
    return of(words, Runtime.getRuntime()::halt);
  }

  static InjectedFaults of(List<String> words, IntConsumer halt) {
    Set<Protection> off = EnumSet.noneOf(Protection.class);
    KillSwitch kill = null;
    String arming = null;
    long space = 0;
    for (String word : words) {
      Optional<Protection> protection = Protection.ofWord(word);
      if (protection.isPresent()) {
        off.add(protection.get());
      } else if (word.equals(KILL_LATER) || word.startsWith(KILL)) {
        kill = new KillSwitch(halt);
        arming = word.equals(KILL_LATER) ? arming : word.substring(KILL.length());
      } else if (word.matches(SPACE + "[1-9]\\d{0,17}")) {
        space = Long.parseLong(word.substring(SPACE.length()));
      } else if (!word.equals(BREAK_LATER)) { // which alone permits it
        throw unknown(word);
      }
    }
    InjectedFaults faults = new InjectedFaults(off, kill, space, words);
    if (arming != null) {
      faults.arm(arming);
    }
    return faults;
  }

  private static IllegalArgumentException unknown(String word) {
    List<String> known = new ArrayList<>(List.of(KILL_LATER, BREAK_LATER, SPACE + "BYTES"));
    for (Protection protection : Protection.values()) {
      known.add(protection.word());
    }
    for (KillPoint point : KillPoint.values()) {
      known.add(KILL + point.word() + ":N");
    }
    return new IllegalArgumentException(
        "fault: " + word + " (expected " + String.join(", ", known) + ")");
  }

  @Override
  public void threads(Function<String, Executor> named) {
    this.threads = named;
  }

  private void breakDown(String kindAndThread) {
    String[] parts = kindAndThread.substring(BREAK.length()).split("@", 2);
    FatalThreadFault kind =
        FatalThreadFault.ofWord(parts[0]).orElseThrow(() -> unknown(kindAndThread));
    Executor thread = parts.length == 2 ? threads.apply(parts[1]) : null;
    if (thread == null || !words.contains(BREAK_LATER)) {
      throw unknown(kindAndThread);
    }
    thread.execute(kind::run);
  }

  /**
   * Dies at the n-th occurrence, from now on, of {@code POINT:N}; N is 1 if left out. Or breaks a
   * thread now: {@code break=KIND@THREAD}.
   */
  @Override
  public void arm(String pointAndCount) {
    if (pointAndCount.startsWith(BREAK)) {
      breakDown(pointAndCount);
      return;
    }
    String[] parts = pointAndCount.split(":", 2);
    KillPoint point = KillPoint.ofWord(parts[0]).orElseThrow(() -> unknown(pointAndCount));
    int nth = parts.length == 1 ? 1 : Integer.parseInt(parts[1]);
    if (nth < 1 || kill == null) {
      throw unknown(pointAndCount);
    }
    kill.arm(point, nth);
  }

  @Override
  public Limits limits(Limits limits) {
    Limits bounds = limits;
    if (off.contains(Protection.ANSWERS)) {
      bounds =
          bounds
              .with(Limit.UNSENT_BUDGET_BYTES, Limit.UNSENT_BUDGET_BYTES.max())
              .with(Limit.ANSWER_TIMEOUT_MS, Limit.ANSWER_TIMEOUT_MS.max());
    }
    return off.contains(Protection.CATALOG)
        ? bounds.with(Limit.CATALOG_BUDGET_BYTES, Limit.CATALOG_BUDGET_BYTES.max())
        : bounds;
  }

  @Override
  public DataFiles files(DataFiles disk) {
    DataFiles bounded = spaceBytes == 0 ? disk : new SmallDiskFiles(disk, spaceBytes);
    DataFiles files = off.contains(Protection.SYNC) ? new UnsyncedFiles(bounded) : bounded;
    return kill == null ? files : new KillPointFiles(files, kill);
  }

  @Override
  public LogEngineSettings engineSettings(LogEngineSettings settings) {
    LogEngineSettings checked =
        off.contains(Protection.CHECKSUM_CHECK) ? settings.withoutChecksums() : settings;
    return off.contains(Protection.BLOCKS) ? checked.withoutSharedBlocks() : checked;
  }

  @Override
  public LogEngine engine(LogEngine engine) {
    return kill == null ? engine : new KillPointEngine(engine, kill);
  }

  @Override
  public SequenceRule sequenceRule() {
    boolean duplicates = !off.contains(Protection.DUPLICATE_CHECK);
    boolean epochs = !off.contains(Protection.EPOCH_CHECK);
    return duplicates && epochs
        ? SequenceRule.STRICT
        : new WeakenedSequenceRule(duplicates, epochs);
  }

  @Override
  public Optional<ServerInterceptor> interceptor() {
    return kill == null ? Optional.empty() : Optional.of(new KillPointAckInterceptor(kill));
  }

  @Override
  public boolean isEmpty() {
    return words.isEmpty();
  }

  @Override
  public String toString() {
    return String.join(", ", words);
  }
}
