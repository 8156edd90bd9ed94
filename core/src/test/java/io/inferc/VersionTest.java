package io.inferc;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;

class VersionTest {
  @Test
  void theBuildFillsInTheVersionOfThePom() throws IOException {
    // Maven names the module's folder; without Maven nobody fills the version in.
    String module = System.getProperty("basedir");
    if (module == null) {
      assertEquals("unknown", Inferc.version());
      return;
    }
    Matcher pom =
        Pattern.compile("<artifactId>inferc-parent</artifactId>\\s*<version>([^<]+)</version>")
            .matcher(Files.readString(Path.of(module, "pom.xml")));
    assertTrue(pom.find(), "the version was not found");
    assertEquals(pom.group(1), Inferc.version());
  }

  @Test
  void aResourceThatIsMissingSaysSo() {
    assertEquals("unknown", Version.read("no-version.properties"));
  }
}
