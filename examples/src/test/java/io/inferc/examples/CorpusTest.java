package io.inferc.examples;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.HashSet;
import java.util.Locale;
import java.util.Set;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;

class CorpusTest {
  @Test
  void thereAreSixHundredDistinctSentencesOnADozenTopics() {
    Set<String> distinct = new HashSet<>();
    Corpus.sentences().forEach(s -> distinct.add(s.text().toLowerCase(Locale.ROOT)));
    assertEquals(Corpus.sentences().size(), distinct.size());
    assertTrue(distinct.size() >= 600, distinct.size() + " sentences");
    assertEquals(12, topics().size());
  }

  @Test
  void everySentenceHasFiveToSixtyWords() {
    for (Corpus s : Corpus.sentences()) {
      int words = s.text().split(" ").length;
      assertTrue(words >= 5 && words <= 60, words + " words: " + s.text());
    }
  }

  @Test
  void everyTopicHasAQuery() {
    assertEquals(
        topics(), Corpus.queries().stream().map(Corpus::topic).collect(Collectors.toSet()));
  }

  private static Set<String> topics() {
    return Corpus.sentences().stream().map(Corpus::topic).collect(Collectors.toSet());
  }
}
