package dev.weir.it.architecture;

import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideInAPackage;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideInAnyPackage;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.classes;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static com.tngtech.archunit.library.dependencies.SlicesRuleDefinition.slices;

import com.tngtech.archunit.base.DescribedPredicate;
import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.importer.ImportOption.DoNotIncludeTests;
import com.tngtech.archunit.junit.AnalyzeClasses;
import com.tngtech.archunit.junit.ArchTest;
import com.tngtech.archunit.lang.ArchRule;
import java.util.Arrays;
import java.util.Map;
import org.assertj.core.api.Assertions;

/** Rules 1 to 3: who may depend on whom. */
@AnalyzeClasses(
    packages = {
      "dev.weir.v1",
      "dev.weir.common",
      "dev.weir.client",
      "dev.weir.service",
      "dev.weir.faultinjection",
      "dev.weir.cli"
    },
    importOptions = DoNotIncludeTests.class)
final class LayersArchitectureTest {
  private static final String OURS = "dev.weir..";
  private static final String PROTO = "dev.weir.v1..";
  private static final String COMMON = "dev.weir.common..";
  private static final String CLIENT = "dev.weir.client..";
  private static final String SERVICE = "dev.weir.service..";
  private static final String FAULT_INJECTION = "dev.weir.faultinjection..";
  private static final String CLI = "dev.weir.cli..";

  /**
   * The packages that each package of the service may use. {@code wire} and {@code view} are not in
   * the design's list: docs/adr/0002 and 0004 have the reasons.
   */
  private static final Map<String, String[]> USES =
      Map.ofEntries(
          Map.entry("core", uses()),
          Map.entry("config", uses()),
          Map.entry("telemetry", uses("core")),
          Map.entry("wire", uses("core")),
          Map.entry("admission", uses("config", "core")),
          Map.entry("log", uses("config", "core")),
          Map.entry("tail", uses("log", "core")),
          Map.entry("catalog", uses("log", "wire", "config", "core")),
          Map.entry("fanout", uses("tail", "core")),
          Map.entry("latest", uses("wire", "core")),
          Map.entry(
              "partition",
              uses("latest", "tail", "log", "catalog", "config", "telemetry", "wire", "core")),
          Map.entry(
              "topic", uses("partition", "tail", "log", "catalog", "config", "telemetry", "core")),
          Map.entry(
              "view",
              uses(
                  "topic",
                  "partition",
                  "fanout",
                  "latest",
                  "tail",
                  "log",
                  "catalog",
                  "wire",
                  "core")),
          Map.entry(
              "session",
              uses(
                  "admission",
                  "view",
                  "fanout",
                  "topic",
                  "partition",
                  "latest",
                  "tail",
                  "log",
                  "catalog",
                  "config",
                  "telemetry",
                  "wire",
                  "core")),
          Map.entry("verify", uses("partition", "log", "catalog", "core")),
          Map.entry(
              "rpc",
              uses(
                  "session",
                  "admission",
                  "topic",
                  "partition",
                  "catalog",
                  "config",
                  "wire",
                  "core")));

  private static String[] uses(String... packages) {
    return packages;
  }

  // ---- rule 1

  @ArchTest
  static final ArchRule rule1_protoDependsOnNothingOfOurs =
      only(PROTO, PROTO)
          .because(
              "programs in any language start from the contract alone; put logic into client or"
                  + " service");

  @ArchTest
  static final ArchRule rule1_commonDependsOnTheJdkAlone =
      classes()
          .that()
          .resideInAPackage(COMMON)
          .should()
          .onlyDependOnClassesThat()
          .resideInAnyPackage(COMMON, "java..")
          .because("every program that imports the client gets it, and nothing with it");

  @ArchTest
  static final ArchRule rule1_clientDependsOnProtoAndCommonOnly =
      only(CLIENT, CLIENT, COMMON, PROTO)
          .because(
              "a service that imports the client must not get a server; what both need is a"
                  + " message of the contract, or belongs to common");

  @ArchTest
  static final ArchRule rule1_serviceDependsOnProtoAndCommonOnly =
      only(SERVICE, SERVICE, COMMON, PROTO)
          .because(
              "the server must not need its own client; what both need is a message of the"
                  + " contract, or belongs to common");

  @ArchTest
  static final ArchRule rule1_cliDependsOnClientAndService =
      only(CLI, CLI, CLIENT, SERVICE, COMMON, PROTO)
          .because("the command line starts one and uses the other, and nothing else is ours");

  @ArchTest
  static final ArchRule rule1_faultInjectionDependsOnServiceProtoAndCommonOnly =
      only(FAULT_INJECTION, FAULT_INJECTION, SERVICE, COMMON, PROTO)
          .because("it is given to a server, whichever clients and commands there are");

  @ArchTest
  static final ArchRule rule1_theProgramHasNoFaults =
      noClasses()
          .that()
          .resideOutsideOfPackage(FAULT_INJECTION)
          .should()
          .dependOnClassesThat()
          .resideInAPackage(FAULT_INJECTION)
          .because(
              "what users run must not be able to break its promises; add a method to"
                  + " service.app.fault.ServerFaults, which the module overrides");

  @ArchTest
  static final ArchRule rule1_cliKnowsOnlyThePublicClient =
      noClasses()
          .that()
          .resideInAPackage(CLI)
          .should()
          .dependOnClassesThat()
          .resideInAPackage("dev.weir.client.internal..")
          .because(
              "what the command line cannot do with the public client, nobody can; widen the API"
                  + " instead");

  private static ArchRule only(String from, String... ours) {
    return classes()
        .that()
        .resideInAPackage(from)
        .should()
        .onlyDependOnClassesThat(
            DescribedPredicate.not(resideInAPackage(OURS)).or(resideInAnyPackage(ours)));
  }

  // ---- rule 2

  @ArchTest
  static void rule2_servicePackagesDependDownwards(JavaClasses all) {
    USES.forEach(
        (name, used) -> {
          String[] allowed =
              Arrays.stream(used).map(LayersArchitectureTest::inService).toArray(String[]::new);
          classes()
              .that()
              .resideInAPackage(inService(name))
              .should()
              .onlyDependOnClassesThat(
                  DescribedPredicate.not(resideInAPackage(SERVICE))
                      .or(resideInAPackage(inService(name)))
                      .or(resideInAnyPackage(allowed)))
              .because(
                  "the service is app → rpc → session → fanout → partition → tail → log → core,"
                      + " so that each part can be tested without those above it; pass the upper"
                      + " part in through an interface of the lower one")
              .check(all);
        });
  }

  private static String inService(String name) {
    return "dev.weir.service." + name + "..";
  }

  @ArchTest
  static void rule2_everyServicePackageHasItsPlace(JavaClasses all) {
    Assertions.assertThat(
            all.stream()
                .map(JavaClass::getPackageName)
                .filter(name -> name.startsWith("dev.weir.service."))
                .map(name -> name.substring("dev.weir.service.".length()))
                .map(name -> name.replaceFirst("\\..*", ""))
                .filter(name -> !name.equals("app"))
                .distinct())
        .as("a new package needs an entry in USES, and a reason")
        .containsExactlyInAnyOrderElementsOf(USES.keySet());
  }

  @ArchTest
  static final ArchRule rule2_serviceHasNoCycles =
      slices()
          .matching("dev.weir.service.(*)..")
          .should()
          .beFreeOfCycles()
          .because("a cycle makes two packages one; turn one direction into an interface below");

  @ArchTest
  static final ArchRule rule2_coreHasNoCycles =
      slices()
          .matching("dev.weir.service.core.(*)..")
          .should()
          .beFreeOfCycles()
          .because("the rules are read one by one; move what two of them need below both");

  @ArchTest
  static final ArchRule rule2_roomsHaveNoCycles =
      slices()
          .assignedFrom(new EachPackage("dev.weir.service.", "dev.weir.client.internal"))
          .should()
          .beFreeOfCycles()
          .because("a cycle makes two packages one; turn one direction into an interface below");

  @ArchTest
  static final ArchRule rule2_coreIsPlainJava =
      noClasses()
          .that()
          .resideInAPackage("dev.weir.service.core..")
          .should()
          .dependOnClassesThat()
          .resideInAnyPackage(
              "io..",
              "com.google.protobuf..",
              PROTO,
              "java.util.concurrent.locks..",
              "java.nio.file..")
          .because(
              "core knows the rules and nothing of bytes on the wire, locks or disks; translate in"
                  + " wire, session or partition");

  /** An engine is a package below {@code log}. */
  @ArchTest
  static final ArchRule rule2_enginesAreFoundAndNotNamed =
      noClasses()
          .that()
          .resideOutsideOfPackage(inService("log"))
          .should()
          .dependOnClassesThat()
          .resideInAPackage("dev.weir.service.log.*..")
          .because(
              "another engine is one more jar on the class path; ask LogEngines for the engine of a"
                  + " durability, and put what it lacks into LogEngine or LogEngineSettings, or"
                  + " LogInspection for tools");

  // ---- rule 3

  @ArchTest
  static final ArchRule rule3_grpcOnlyInRpcAndApp =
      onlyIn("io.grpc..", "dev.weir.service.rpc..", "dev.weir.service.app..")
          .because(
              "sessions must run without a transport, in tests and behind other protocols; use"
                  + " Outbound, Loop and Fault");

  @ArchTest
  static final ArchRule rule3_nettyOnlyInRpcAndApp =
      onlyIn("io.netty..", "dev.weir.service.rpc..", "dev.weir.service.app..")
          .because("event loops are reached through common.Loop, so that tests can own them");

  @ArchTest
  static final ArchRule rule3_openTelemetryOnlyInTelemetryAndApp =
      onlyIn("io.opentelemetry..", "dev.weir.service.telemetry..", "dev.weir.service.app..")
          .because("what is counted is told to the Meters interface, which costs nothing in tests");

  private static ArchRule onlyIn(String library, String... packages) {
    return noClasses()
        .that(resideInAPackage(SERVICE).and(DescribedPredicate.not(resideInAnyPackage(packages))))
        .should()
        .dependOnClassesThat()
        .resideInAPackage(library);
  }
}
