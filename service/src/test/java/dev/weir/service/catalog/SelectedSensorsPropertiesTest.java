package dev.weir.service.catalog;

import static org.assertj.core.api.Assertions.assertThat;

import dev.weir.v1.Kind;
import dev.weir.v1.Selector;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import net.jqwik.api.Assume;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;

/** Random globs, selectors and growing catalogues against a matcher that tries everything. */
class SelectedSensorsPropertiesTest {
  @Property(tries = 20_000)
  void glob_agreesWithTryingEverything(@ForAll long seed) {
    var random = new Random(seed);
    String glob = glob(random);
    String name = name(random);
    assertThat(SensorGlobSyntax.check(glob)).isEmpty();
    assertThat(GlobMatches.matches(glob, name))
        .as("%s matches %s", glob, name)
        .isEqualTo(SelectorModel.matches(glob, name));
  }

  @Property(tries = 2_000)
  void longGlob_agreesWithTryingEverything(@ForAll long seed) {
    var random = new Random(seed);
    var name = new StringBuilder();
    var glob = new StringBuilder();
    int stars = 0;
    for (int i = 40 + random.nextInt(200); i > 0; i--) {
      char c = "aab/".charAt(random.nextInt(4));
      name.append(c);
      boolean star = stars < 6 && random.nextInt(30) == 0 && !glob.toString().endsWith("*");
      glob.append(star ? c == '/' ? "/**/" : "*" : "" + c);
      stars += star ? 1 : 0;
    }
    if (random.nextBoolean()) {
      name.insert(random.nextInt(name.length()), "ab/".charAt(random.nextInt(3)));
    }
    Assume.that(SensorGlobSyntax.check(glob.toString()).isEmpty());
    assertThat(GlobMatches.matches(glob.toString(), name.toString()))
        .as("%s matches %s", glob, name)
        .isEqualTo(SelectorModel.matches(glob.toString(), name.toString()));
  }

  @Property(tries = 300)
  void set_holdsWhatIsSelectedWhileTheCatalogueGrows(@ForAll long seed) {
    var random = new Random(seed);
    int partitions = 1 + random.nextInt(4);
    var catalog = new SensorCatalog(partitions, 1_000_000);
    Selector selector = selector(random);
    var known = new HashMap<Integer, DefinedSensor>();
    grow(catalog, known, partitions, random.nextInt(40), random);
    var set = new SelectedSensors(catalog, selector);
    for (int round = 0; round < 5; round++) {
      int end = partitions * 1_000;
      for (int i = 0; i < 200; i++) {
        int id = random.nextInt(4) == 0 ? random.nextInt(end) : random.nextInt(200);
        assertThat(set.test(id)).isEqualTo(selects(selector, known.get(id)));
      }
      grow(catalog, known, partitions, random.nextInt(20), random);
    }
    for (int id = 0; id < 1_000; id++) {
      assertThat(set.test(id)).isEqualTo(selects(selector, known.get(id)));
    }
    assertThat(set.test(-1)).isFalse();
    assertThat(set.test(Integer.MAX_VALUE)).isEqualTo(isAll(selector));
  }

  @Property(tries = 20)
  void set_isRightForTwoThreadsWhileAThirdAddsSensors(@ForAll long seed) throws Exception {
    var random = new Random(seed);
    int partitions = 1 + random.nextInt(3);
    int sensors = 6_000;
    var catalog = new SensorCatalog(partitions, sensors);
    List<DefinedSensor> infos = new ArrayList<>();
    for (int id = 0; id < sensors; id++) {
      infos.add(sensor(id, name(random) + "/" + id, random));
    }
    var builder = selector(random).toBuilder();
    if (builder.getNamesCount() > 0) {
      for (int i = 0; i < 500; i++) {
        builder.addNames(infos.get(random.nextInt(sensors)).name());
      }
    }
    Selector selector = builder.build();
    infos.subList(0, 50).forEach(catalog::add);
    ExecutorService threads = Executors.newFixedThreadPool(3);
    try {
      Future<?> adding = threads.submit(() -> infos.subList(50, sensors).forEach(catalog::add));
      var set = new SelectedSensors(catalog, selector);
      List<Future<Boolean>> readers = new ArrayList<>();
      for (long reader = 0; reader < 2; reader++) {
        var order = new Random(seed + reader);
        readers.add(threads.submit(() -> agrees(set, selector, catalog, infos, order)));
      }
      adding.get(20, TimeUnit.SECONDS);
      for (Future<Boolean> reader : readers) {
        assertThat(reader.get(20, TimeUnit.SECONDS)).isTrue();
      }
      for (DefinedSensor info : infos) {
        assertThat(set.test(info.id())).isEqualTo(selects(selector, info));
      }
    } finally {
      threads.shutdownNow();
    }
  }

  private static boolean agrees(
      SelectedSensors set,
      Selector selector,
      SensorCatalog catalog,
      List<DefinedSensor> infos,
      Random r) {
    boolean agrees = true;
    for (int i = 0; i < 20_000; i++) {
      DefinedSensor info = infos.get(r.nextInt(infos.size()));
      // a sensor is asked for once its definition is committed, and then the answer is final
      if (catalog.byId(info.id()) != null) {
        agrees &= set.test(info.id()) == selects(selector, info);
      }
    }
    return agrees;
  }

  @Property
  void key_isEqualForEqualSelectorsOnly(@ForAll long seed) {
    var random = new Random(seed);
    Selector selector = selector(random);
    List<String> names = new ArrayList<>(selector.getNamesList());
    List<String> globs = new ArrayList<>(selector.getGlobsList());
    names.addAll(selector.getNamesList());
    Collections.shuffle(names, random);
    Collections.shuffle(globs, random);
    Selector same =
        selector.toBuilder()
            .clearNames()
            .clearGlobs()
            .addAllNames(names)
            .addAllGlobs(globs)
            .build();
    assertThat(SelectedSensors.key(same)).isEqualTo(SelectedSensors.key(selector));
    Selector other = selector(random);
    boolean equal =
        List.of(sorted(selector.getNamesList()), sorted(selector.getGlobsList()))
                .equals(List.of(sorted(other.getNamesList()), sorted(other.getGlobsList())))
            && selector.getLabelsMap().equals(other.getLabelsMap());
    assertThat(SelectedSensors.key(other).equals(SelectedSensors.key(selector))).isEqualTo(equal);
  }

  private static List<String> sorted(List<String> texts) {
    return texts.stream().distinct().sorted().toList();
  }

  private static void grow(
      SensorCatalog catalog,
      Map<Integer, DefinedSensor> known,
      int partitions,
      int sensors,
      Random random) {
    for (int i = 0; i < sensors; i++) {
      int partition = random.nextInt(partitions);
      int gap = known.isEmpty() && random.nextBoolean() ? random.nextInt(50) : 0;
      int id = (catalog.count(partition) + gap) * partitions + partition;
      String name = name(random);
      if (catalog.byName(name) == null) {
        DefinedSensor info = sensor(id, name, random);
        catalog.add(info); // what the gap skips is lost to damage
        known.put(id, info);
      }
    }
  }

  private static DefinedSensor sensor(int id, String name, Random random) {
    Map<String, String> labels = new HashMap<>();
    for (int i = random.nextInt(3); i > 0; i--) {
      labels.put("" + random.nextInt(3), "" + random.nextInt(2));
    }
    return new DefinedSensor(id, name, Kind.KIND_DOUBLE_VALUE, "", labels);
  }

  private static Selector selector(Random random) {
    var selector = Selector.newBuilder();
    int form = random.nextInt(5);
    for (int i = random.nextInt(8); i >= 0 && form % 2 == 1; i--) {
      selector.addNames(name(random));
    }
    for (int i = random.nextInt(3); i >= 0 && form >= 2 && form < 4; i--) {
      selector.addGlobs(glob(random));
    }
    selector.setAll(form == 0);
    for (int i = random.nextInt(3); i > 0 || form == 4 && i == 0; i--) {
      selector.putLabels("" + random.nextInt(3), "" + random.nextInt(2));
    }
    return selector.build();
  }

  private static boolean isAll(Selector selector) {
    return selector.getNamesCount() + selector.getGlobsCount() + selector.getLabelsCount() == 0;
  }

  private static boolean selects(Selector selector, DefinedSensor sensor) {
    return sensor == null
        ? isAll(selector)
        : SelectorModel.selects(selector, sensor.name(), sensor.labels());
  }

  private static String name(Random random) {
    var name = new StringBuilder();
    do {
      name.setLength(0);
      for (int i = random.nextInt(5); i >= 0; i--) {
        for (int j = random.nextInt(4); j > 0; j--) {
          name.append("ab".charAt(random.nextInt(2)));
        }
        name.append(i > 0 ? "/" : "");
      }
    } while (name.length() == 0);
    return name.toString();
  }

  private static String glob(Random random) {
    var glob = new StringBuilder();
    do {
      glob.setLength(0);
      for (int i = random.nextInt(4); i >= 0; i--) {
        if (random.nextInt(3) == 0) {
          glob.append("**");
        } else {
          for (int j = random.nextInt(4); j > 0; j--) {
            glob.append("ab*".charAt(random.nextInt(3)));
          }
        }
        glob.append(i > 0 ? "/" : "");
      }
    } while (SensorGlobSyntax.check(glob.toString()).isPresent());
    return glob.toString();
  }
}
