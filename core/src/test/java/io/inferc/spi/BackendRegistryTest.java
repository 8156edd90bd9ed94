package io.inferc.spi;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertNotSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.inferc.Compiler;
import io.inferc.common.internal.JvmProcess;
import io.inferc.runtime.Target;
import java.io.File;
import java.io.IOException;
import java.lang.reflect.Proxy;
import java.net.URL;
import java.net.URLClassLoader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.OptionalLong;
import java.util.concurrent.FutureTask;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.slf4j.LoggerFactory;

class BackendRegistryTest {
  @TempDir Path folder;

  private static class Fake implements BackendProvider {
    private final String name;
    private final Availability availability;

    Fake(String name, Availability availability) {
      this.name = name;
      this.availability = availability;
    }

    @Override
    public String name() {
      return name;
    }

    @Override
    public String displayName() {
      return "Fake " + name;
    }

    @Override
    public Availability probe() {
      return availability;
    }

    @Override
    public Backend open() {
      throw new BackendUnavailableException("opened " + name, "none", null);
    }
  }

  /** Breaks the rule that a probe never throws. */
  private static final class Exploding extends Fake {
    Exploding(String name) {
      super(name, new Availability.Unavailable("never returned", "never returned"));
    }

    @Override
    public Availability probe() {
      throw new UnsatisfiedLinkError("libfake.so: cannot open shared object file");
    }
  }

  /** What a provider on a class path that cannot be constructed looks like. */
  public static final class Unconstructable extends Fake {
    /** Fails as a provider with a missing library would. */
    public Unconstructable() {
      super("unconstructable", available(false));
      throw new NoClassDefFoundError("com/example/Missing");
    }
  }

  /** A provider that can be constructed. */
  public static final class Fine extends Fake {
    /** Succeeds. */
    public Fine() {
      super("fine", available(false));
    }
  }

  private static Availability available(boolean reference) {
    return new Availability.Available(
        "1.0", List.of(new Device("d", "device", OptionalLong.empty(), reference)));
  }

  private static Availability unavailable() {
    return new Availability.Unavailable("The driver is missing.", "Install the driver.");
  }

  private static String message(BackendRegistry registry, Target target) {
    return assertThrows(BackendUnavailableException.class, () -> registry.open(target))
        .getMessage();
  }

  @Test
  void anEmptyClassPathIsReportedWithTheArtifactToAdd() {
    String message = message(BackendRegistry.of(List.of()), Target.onnxRuntime());
    assertTrue(message.contains("no back end at all"), message);
    assertTrue(message.contains("io.inferc:inferc-backend-onnxruntime"), message);
  }

  @Test
  void coreAloneHasNoBackEndAndTheFacadeSaysWhatToAdd() {
    BackendUnavailableException e =
        assertThrows(
            BackendUnavailableException.class,
            () -> Compiler.forTarget(Target.onnxRuntime()).build());
    assertTrue(e.remedy().contains("io.inferc:inferc-backend-onnxruntime"), e.remedy());
  }

  @Test
  void anAbsentBackEndIsNamedBesideThosePresent() {
    BackendRegistry registry = BackendRegistry.of(List.of(new Fake("alpha", available(false))));
    String message = message(registry, Target.tensorRt());
    assertTrue(message.contains("'tensorrt'"), message);
    assertTrue(message.contains("[alpha]"), message);
    assertTrue(message.contains("io.inferc:inferc-backend-tensorrt"), message);
  }

  @Test
  void twoBackEndsOfOneNameAreRefusedByNamingBothClasses() {
    BackendRegistry registry =
        BackendRegistry.of(List.of(new Fake("twin", available(false)), new Exploding("twin")));
    String message = message(registry, Target.backend("twin"));
    assertTrue(message.contains("2 providers"), message);
    assertTrue(message.contains(Fake.class.getName()), message);
    assertTrue(message.contains(Exploding.class.getName()), message);
    assertEquals(2, registry.providers().size());
  }

  @Test
  void anUnavailableBackEndIsReportedWithReasonAndRemedy() {
    BackendRegistry registry = BackendRegistry.of(List.of(new Fake("alpha", unavailable())));
    String message = message(registry, Target.backend("alpha"));
    assertTrue(message.contains("The driver is missing."), message);
    assertTrue(message.contains("Install the driver."), message);
  }

  @Test
  void aProbeThatThrowsIsAnUnavailableBackEndAndNoMore() {
    Availability found = BackendRegistry.probe(new Exploding("alpha"));
    Availability.Unavailable u = assertInstanceOf(Availability.Unavailable.class, found);
    assertTrue(u.reason().contains("libfake.so"), u.reason());
  }

  @Test
  void theFirstAvailableChoiceIsOpened() {
    BackendRegistry registry =
        BackendRegistry.of(
            List.of(new Fake("alpha", unavailable()), new Fake("beta", available(false))));
    Target target =
        Target.backend("missing").orElse(Target.backend("alpha")).orElse(Target.backend("beta"));
    String message = message(registry, target);
    assertTrue(message.contains("opened beta"), message);
    assertTrue(message.contains("The driver is missing."), message);
    assertTrue(message.contains("'missing'"), message);
  }

  @Test
  void theAutomaticTargetPassesOverReferenceImplementations() {
    BackendRegistry registry =
        BackendRegistry.of(
            List.of(
                new Fake(Target.MIGRAPHX, available(true)),
                new Fake(Target.ONNX_RUNTIME, available(false))));
    String message = message(registry, Target.auto());
    assertTrue(message.contains("opened onnxruntime"), message);
    assertTrue(message.contains("reference implementation only"), message);
    assertTrue(
        message(registry, Target.migraphx()).contains("opened migraphx"),
        "by name, a reference implementation is used");
  }

  @Test
  void aProviderThatCannotBeConstructedDoesNotDisturbTheOthers() throws IOException {
    String lines =
        Unconstructable.class.getName() + "\nno.such.Provider\n" + Fine.class.getName() + "\n";
    try (URLClassLoader loader = withServices(lines, getClass().getClassLoader())) {
      BackendRegistry registry = BackendRegistry.discover(loader);
      assertEquals(List.of("fine"), registry.providers().stream().map(p -> p.name()).toList());
      assertEquals(2, registry.failures().size());
      assertTrue(
          registry.failures().stream().anyMatch(f -> f.contains("com/example/Missing")),
          registry.failures().toString());
      String message = message(registry, Target.openVino());
      assertTrue(message.contains("failed to load"), message);
      assertFalse(message.isBlank());
    }
  }

  @Test
  void oneClassThatTwoLoadersFindIsOneProvider() throws IOException {
    try (URLClassLoader loader = withServices(Fine.class.getName(), getClass().getClassLoader());
        URLClassLoader child = new URLClassLoader(new URL[0], loader)) {
      BackendRegistry registry = BackendRegistry.discover(child, loader);
      assertEquals(List.of("fine"), registry.providers().stream().map(p -> p.name()).toList());
    }
  }

  @Test
  void aThreadWhoseContextKnowsNothingFindsWhatInfercsOwnLoaderSees() throws Exception {
    // As in a jar of nested jars, whose loader the threads of the common pool do not get.
    String classPath =
        JvmProcess.classPathOf(
                List.of(
                    BackendRegistry.class,
                    BackendRegistryTest.class,
                    LoggerFactory.class,
                    org.jspecify.annotations.Nullable.class))
            .orElseThrow();
    List<URL> urls = new ArrayList<>(List.of(folder.toUri().toURL()));
    for (String part : classPath.split(File.pathSeparator)) {
      urls.add(Path.of(part).toUri().toURL());
    }
    writeServices(Fine.class.getName());
    try (URLClassLoader nested =
        new URLClassLoader(urls.toArray(URL[]::new), ClassLoader.getPlatformClassLoader())) {
      Class<?> registry = nested.loadClass(BackendRegistry.class.getName());
      assertNotSame(BackendRegistry.class, registry);
      FutureTask<Object> task =
          new FutureTask<>(
              () ->
                  registry
                      .getMethod("providers")
                      .invoke(registry.getMethod("discover").invoke(null)));
      Thread thread = new Thread(task);
      thread.setContextClassLoader(ClassLoader.getPlatformClassLoader());
      thread.start();
      List<?> providers = (List<?>) task.get();
      assertEquals(
          List.of(Fine.class.getName()),
          providers.stream().map(p -> p.getClass().getName()).toList());
    }
  }

  @Test
  void aMissingBackEndMayHaveBeenLostWhereJarsWereMerged() {
    BackendUnavailableException e =
        assertThrows(
            BackendUnavailableException.class,
            () -> BackendRegistry.of(List.of()).open(Target.onnxRuntime()));
    assertTrue(e.remedy().contains("META-INF/services/io.inferc.spi.BackendProvider"), e.remedy());
  }

  @Test
  void allThatIsAvailableIsOpenedAndTheRestSaysWhyNot() {
    Backend fine =
        (Backend)
            Proxy.newProxyInstance(
                Backend.class.getClassLoader(), new Class<?>[] {Backend.class}, (p, m, a) -> null);
    BackendProvider works =
        new Fake("fine", available(false)) {
          @Override
          public Backend open() {
            return fine;
          }
        };
    BackendRegistry registry =
        BackendRegistry.of(
            List.of(works, new Fake("slow", available(true)), new Exploding("broken")));
    Target all =
        Target.fastestOf(
            Target.backend("broken"), Target.backend("fine"), Target.backend("absent"));
    BackendRegistry.OpenedAll opened = registry.openAll(all);
    assertEquals(List.of("fine"), opened.opened().stream().map(o -> o.choice().backend()).toList());
    assertEquals(
        List.of("broken", "absent"),
        opened.refused().keySet().stream().map(Target.Choice::backend).toList());
    assertTrue(opened.refused().values().toString().contains("libfake.so"), opened::toString);
    BackendUnavailableException e =
        assertThrows(
            BackendUnavailableException.class,
            () -> registry.openAll(Target.fastestOf(Target.backend("broken"))));
    assertTrue(e.getMessage().contains("libfake.so"), e.getMessage());
    assertThrows(BackendUnavailableException.class, () -> registry.openAll(Target.fastest()));
  }

  private URLClassLoader withServices(String lines, ClassLoader parent) throws IOException {
    writeServices(lines);
    return new URLClassLoader(new URL[] {folder.toUri().toURL()}, parent);
  }

  private void writeServices(String lines) throws IOException {
    Path services = Files.createDirectories(folder.resolve("META-INF/services"));
    Files.writeString(services.resolve(BackendProvider.class.getName()), lines);
  }
}
