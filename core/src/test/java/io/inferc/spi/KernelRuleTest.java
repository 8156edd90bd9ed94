package io.inferc.spi;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.inferc.onnx.Attribute;
import io.inferc.onnx.Initializer;
import io.inferc.onnx.Node;
import io.inferc.tensor.DataType;
import io.inferc.tensor.Dimension;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class KernelRuleTest {
  private static final OperatorUse.Facts FACTS =
      new OperatorUse.Facts() {
        private final Map<String, DataType> types =
            Map.of("x", DataType.FLOAT32, "d", DataType.FLOAT64);

        @Override
        public Optional<DataType> type(String tensor) {
          return Optional.ofNullable(types.get(tensor));
        }

        @Override
        public Optional<List<Dimension>> dimensions(String tensor) {
          return tensor.equals("x")
              ? Optional.of(List.of(Dimension.fixed(2), Dimension.unknown()))
              : Optional.empty();
        }

        @Override
        public Optional<Initializer> constant(String tensor) {
          return Optional.empty();
        }
      };

  private static OperatorUse use(Node.Builder node) {
    return new OperatorUse(node.build(), 17, FACTS);
  }

  private static Node.Builder pool(String... inputs) {
    return Node.builder("AveragePool").inputs(inputs).outputs("y");
  }

  private static void assertRefused(String reason, KernelRule rule, Node.Builder node) {
    assertEquals(Optional.of(reason), rule.refusal(use(node)));
  }

  private static void assertAdmitted(KernelRule rule, Node.Builder node) {
    assertEquals(Optional.empty(), rule.refusal(use(node)));
  }

  @Test
  void anAttributeThatTheKernelLacksIsNamedWhateverItsValue() {
    KernelRule rule = KernelRule.without("dilations");
    assertAdmitted(rule, pool("x"));
    assertRefused(
        "it has the attribute 'dilations', which the kernel lacks.",
        rule,
        pool("x").attribute(Attribute.ofInts("dilations", 1, 1)));
  }

  @Test
  void numbersAndTextsAreHeldAgainstTheDefaultWhereANodeLeavesThemOut() {
    KernelRule number = KernelRule.number("ceil_mode", 0, 0, 2);
    assertAdmitted(number, pool("x"));
    assertAdmitted(number, pool("x").attribute(Attribute.of("ceil_mode", 2)));
    assertRefused(
        "its attribute 'ceil_mode' is 1, and the kernel takes [0, 2].",
        number,
        pool("x").attribute(Attribute.of("ceil_mode", 1)));
    KernelRule text = KernelRule.text("mode", "nearest", "linear");
    assertRefused(
        "its attribute 'mode' is nearest, and the kernel takes [linear].", text, pool("x"));
    assertAdmitted(text, pool("x").attribute(Attribute.of("mode", "linear")));
  }

  @Test
  void anUnknownElementTypeIsRefusedAndAnInputLeftOutIsNot() {
    KernelRule rule = KernelRule.type(1, DataType.FLOAT32, DataType.FLOAT16);
    assertAdmitted(rule, pool("d"));
    assertAdmitted(rule, pool("d", ""));
    assertAdmitted(rule, pool("d", "x"));
    assertRefused(
        "its input 'd' is FLOAT64, and the kernel takes [FLOAT32, FLOAT16].", rule, pool("x", "d"));
    assertRefused(
        "its input '?' is of an unknown type, and the kernel takes [FLOAT32, FLOAT16].",
        rule,
        pool("x", "?"));
  }

  @Test
  void aRankThatIsKnownIsHeldAgainstTheKernels() {
    assertAdmitted(KernelRule.rank(0, 2, 4), pool("x"));
    assertAdmitted(KernelRule.rank(0, 3, 4), pool("d"));
    assertRefused(
        "its input 'x' has 2 dimensions, and the kernel takes 3 to 4.",
        KernelRule.rank(0, 3, 4),
        pool("x"));
    assertRefused(
        "its input 'x' has 2 dimensions, and the kernel takes 1.",
        KernelRule.rank(0, 1, 1),
        pool("x"));
  }

  @Test
  void theVersionOfTheOperatorsIsThatOfTheModel() {
    assertAdmitted(KernelRule.opset(13, 17), pool("x"));
    assertRefused(
        "the kernel is that of opsets 18 to 20, and the model has 17.",
        KernelRule.opset(18, 20),
        pool("x"));
  }

  @Test
  void rulesAddUpAndTheFirstReasonIsTold() {
    KernelRule both = KernelRule.without("a").and(KernelRule.without("b"));
    assertEquals("no a, no b", both.toString());
    assertAdmitted(both, pool("x"));
    assertTrue(
        both.refusal(use(pool("x").attribute(Attribute.of("b", 1)))).orElseThrow().contains("'b'"));
    assertSame(both, KernelRule.always().and(both));
    assertSame(both, both.and(KernelRule.always()));
  }

  @Test
  void anOperatorHasAllTheRulesThatWereAddedForItInItsOwnDomainOnly() {
    KernelRules rules =
        KernelRules.builder()
            .rule("AveragePool", KernelRule.without("a"))
            .rule("AveragePool", KernelRule.never("it is another day."))
            .build();
    assertEquals("{AveragePool=no a, never: it is another day.}", rules.toString());
    assertEquals(Optional.of("it is another day."), rules.refusal(use(pool("x"))));
    assertEquals(Optional.empty(), rules.refusal(use(pool("x").domain("mine"))));
    assertEquals(Optional.empty(), rules.refusal(use(pool("x").opType("MaxPool"))));
    assertEquals(Optional.empty(), KernelRules.none().refusal(use(pool("x"))));
  }
}
