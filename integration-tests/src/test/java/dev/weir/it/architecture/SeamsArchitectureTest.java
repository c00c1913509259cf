package dev.weir.it.architecture;

import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideInAPackage;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideInAnyPackage;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.classes;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;

import com.tngtech.archunit.base.DescribedPredicate;
import com.tngtech.archunit.core.domain.AccessTarget.CodeUnitAccessTarget;
import com.tngtech.archunit.core.domain.JavaAccess;
import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.domain.JavaConstructor;
import com.tngtech.archunit.core.importer.ImportOption.DoNotIncludeTests;
import com.tngtech.archunit.junit.AnalyzeClasses;
import com.tngtech.archunit.junit.ArchTest;
import com.tngtech.archunit.lang.ArchRule;
import java.util.Set;

/** Rules 4 to 7: time, threads, queues, the public client and files go through their seams. */
@AnalyzeClasses(
    packages = {"dev.weir.client", "dev.weir.service", "dev.weir.faultinjection", "dev.weir.cli"},
    importOptions = DoNotIncludeTests.class)
final class SeamsArchitectureTest {
  /** Owners and names; {@code *} stands for every method of the owner. */
  private static final Set<String> TIME_AND_THREADS =
      Set.of(
          "java.lang.System.nanoTime",
          "java.lang.System.currentTimeMillis",
          "java.time.Instant.now",
          "java.time.Clock.systemUTC",
          "java.time.Clock.systemDefaultZone",
          "java.time.LocalDateTime.now",
          "java.time.ZonedDateTime.now",
          "java.time.OffsetDateTime.now",
          "java.lang.Thread.sleep",
          "java.lang.Thread.<init>",
          "java.util.Timer.<init>",
          "java.util.Random.<init>",
          "java.util.concurrent.ThreadLocalRandom.*",
          "java.util.concurrent.Executors.*",
          "java.util.concurrent.ThreadPoolExecutor.<init>",
          "java.util.concurrent.ScheduledThreadPoolExecutor.<init>",
          "java.util.concurrent.ForkJoinPool.*",
          "java.util.UUID.randomUUID",
          "java.lang.Math.random");

  private static final Set<String> UNBOUNDED =
      Set.of(
          "java.util.concurrent.ConcurrentLinkedQueue.<init>",
          "java.util.concurrent.ConcurrentLinkedDeque.<init>",
          "java.util.concurrent.LinkedTransferQueue.<init>",
          "java.util.concurrent.PriorityBlockingQueue.<init>",
          "java.util.concurrent.DelayQueue.<init>",
          "java.util.concurrent.Executors.*");

  private static final Set<String> BOUNDED_BY_CAPACITY =
      Set.of(
          "java.util.concurrent.LinkedBlockingQueue", "java.util.concurrent.LinkedBlockingDeque");

  // ---- rule 4

  /**
   * The command line's clock and threads are in {@code cli.shell.CliRuntime}, as app's are in app.
   * One fault on purpose is that there are too many threads.
   */
  @ArchTest
  static final ArchRule rule4_timeAndThreadsArePassedIn =
      noClasses()
          .that(
              DescribedPredicate.not(
                  resideInAPackage("dev.weir.service.app..")
                      .or(outermost("dev.weir.client.internal.threads.ClientThreads"))
                      .or(outermost("dev.weir.faultinjection.FatalThreadFault"))
                      .or(outermost("dev.weir.cli.shell.CliRuntime"))))
          .should()
          .accessTargetWhere(reaches(TIME_AND_THREADS))
          .because(
              "tests own time, threads and chance; take a LongSupplier, an Executor, a Loop or a"
                  + " RandomGenerator, made in app, client.internal.threads.ClientThreads or cli.shell.CliRuntime");

  // ---- rule 5

  @ArchTest
  static final ArchRule rule5_noUnboundedQueue =
      noClasses()
          .should()
          .accessTargetWhere(reaches(UNBOUNDED).or(queueWithoutCapacity()))
          .because(
              "what is not bounded grows until the process dies; use an ArrayBlockingQueue or a"
                  + " capacity from Limits, and say what happens when it is full");

  /** The JDK has no bounded one; Pools' run one task per partition and loop, and timers. */
  @ArchTest
  static final ArchRule rule5_scheduledPoolsAreMadeInOnePlace =
      noClasses()
          .that(DescribedPredicate.not(outermost("dev.weir.service.app.ThreadPools")))
          .should()
          .accessTargetWhere(
              reaches(Set.of("java.util.concurrent.ScheduledThreadPoolExecutor.<init>")))
          .because("its queue has no bound; schedule on a Loop, whose users are counted");

  // ---- rule 6

  @ArchTest
  static final ArchRule rule6_publicClientMentionsOnlyItselfTheJdkAndMessages =
      classes()
          .that()
          .resideInAPackage("dev.weir.client")
          .should(new MentionOnly("dev.weir.client", "dev.weir.v1", "java."))
          .because(
              "whoever imports the client must not depend on gRPC or Guava by its API; wrap the"
                  + " type in one of the client's own");

  // ---- rule 7

  @ArchTest
  static final ArchRule rule7_filesOfLogsAndSpoolsGoThroughTheSeam =
      noClasses()
          .that(
              resideInAnyPackage(
                      "dev.weir.client..",
                      "dev.weir.common..",
                      "dev.weir.service..",
                      "dev.weir.faultinjection..")
                  .and(DescribedPredicate.not(outermost("dev.weir.common.file.NioDataFiles")))
                  .and(DescribedPredicate.not(outermost("dev.weir.service.config.ConfigFile")))
                  .and(DescribedPredicate.not(outermost("dev.weir.service.app.end.ProcessExit"))))
          .should()
          .dependOnClassesThat(
              new DescribedPredicate<JavaClass>("reach the disk") {
                @Override
                public boolean test(JavaClass target) {
                  String name = target.getName();
                  return name.equals("java.nio.file.Files")
                      || name.equals("java.nio.file.FileSystem")
                      || name.startsWith("java.nio.channels.File")
                      || name.startsWith("java.nio.channels.AsynchronousFile")
                      || name.startsWith("java.io.File")
                      || name.equals("java.io.RandomAccessFile");
                }
              })
          .because(
              "tests lose, tear and fail what logs and spools do to the disk; use"
                  + " common.file.DataFiles (the configuration file alone is read directly, before"
                  + " there is a log, and the last line goes to standard error without any other code)");

  // ---- what the rules are made of

  private static DescribedPredicate<JavaClass> outermost(String name) {
    return DescribedPredicate.describe(
        "are " + name + " or inside it",
        type -> type.getName().equals(name) || type.getName().startsWith(name + "$"));
  }

  private static DescribedPredicate<JavaAccess<?>> reaches(Set<String> targets) {
    return DescribedPredicate.describe(
        "is " + String.join(", ", targets.stream().sorted().toList()),
        access -> {
          String owner = access.getTargetOwner().getName();
          return targets.contains(owner + "." + access.getName()) || targets.contains(owner + ".*");
        });
  }

  private static DescribedPredicate<JavaAccess<?>> queueWithoutCapacity() {
    return DescribedPredicate.describe(
        "is a linked queue without a capacity",
        access ->
            BOUNDED_BY_CAPACITY.contains(access.getTargetOwner().getName())
                && access.getName().equals(JavaConstructor.CONSTRUCTOR_NAME)
                && !takesCapacity(access));
  }

  private static boolean takesCapacity(JavaAccess<?> access) {
    return access.getTarget() instanceof CodeUnitAccessTarget unit
        && unit.getRawParameterTypes().size() == 1
        && unit.getRawParameterTypes().get(0).isEquivalentTo(int.class);
  }
}
