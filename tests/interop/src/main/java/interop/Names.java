package interop;

import org.springframework.kafka.annotation.BackOff;
import org.springframework.kafka.annotation.KafkaListener;
import org.springframework.kafka.annotation.RetryableTopic;
import org.springframework.kafka.retrytopic.DltStrategy;
import org.springframework.kafka.retrytopic.ExceptionBasedDltDestination;
import org.springframework.kafka.retrytopic.SameIntervalTopicReuseStrategy;
import org.springframework.kafka.retrytopic.TopicSuffixingStrategy;
import org.springframework.stereotype.Component;

/** A listener for each way to name a chain's topics. What they do is of no interest: Spring makes the topics when it starts. */
@Component
class Names {

	@RetryableTopic(attempts = "5", backOff = @BackOff(delay = 1000, multiplier = 2))
	@KafkaListener(topics = "names.spring.exponential", groupId = "names.spring.exponential.group")
	void exponential(String value) {
	}

	@RetryableTopic(attempts = "5", backOff = @BackOff(delay = 1000, multiplier = 2),
			sameIntervalTopicReuseStrategy = SameIntervalTopicReuseStrategy.MULTIPLE_TOPICS)
	@KafkaListener(topics = "names.spring.exponential-multiple", groupId = "names.spring.exponential-multiple.group")
	void exponentialMultiple(String value) {
	}

	@RetryableTopic(attempts = "5", backOff = @BackOff(delay = 1000, multiplier = 2),
			topicSuffixingStrategy = TopicSuffixingStrategy.SUFFIX_WITH_INDEX_VALUE)
	@KafkaListener(topics = "names.spring.index", groupId = "names.spring.index.group")
	void index(String value) {
	}

	@RetryableTopic(attempts = "5", backOff = @BackOff(delay = 1000, multiplier = 2),
			topicSuffixingStrategy = TopicSuffixingStrategy.SUFFIX_WITH_INDEX_VALUE,
			sameIntervalTopicReuseStrategy = SameIntervalTopicReuseStrategy.MULTIPLE_TOPICS)
	@KafkaListener(topics = "names.spring.index-multiple", groupId = "names.spring.index-multiple.group")
	void indexMultiple(String value) {
	}

	@RetryableTopic(attempts = "5", backOff = @BackOff(delay = 1000))
	@KafkaListener(topics = "names.spring.fixed", groupId = "names.spring.fixed.group")
	void fixed(String value) {
	}

	@RetryableTopic(attempts = "5", backOff = @BackOff(delay = 1000),
			sameIntervalTopicReuseStrategy = SameIntervalTopicReuseStrategy.MULTIPLE_TOPICS)
	@KafkaListener(topics = "names.spring.fixed-multiple", groupId = "names.spring.fixed-multiple.group")
	void fixedMultiple(String value) {
	}

	@RetryableTopic(attempts = "5", backOff = @BackOff(delay = 1000),
			topicSuffixingStrategy = TopicSuffixingStrategy.SUFFIX_WITH_INDEX_VALUE)
	@KafkaListener(topics = "names.spring.fixed-index", groupId = "names.spring.fixed-index.group")
	void fixedIndex(String value) {
	}

	@RetryableTopic(attempts = "5", backOff = @BackOff(delay = 1000),
			topicSuffixingStrategy = TopicSuffixingStrategy.SUFFIX_WITH_INDEX_VALUE,
			sameIntervalTopicReuseStrategy = SameIntervalTopicReuseStrategy.MULTIPLE_TOPICS)
	@KafkaListener(topics = "names.spring.fixed-index-multiple", groupId = "names.spring.fixed-index-multiple.group")
	void fixedIndexMultiple(String value) {
	}

	@RetryableTopic(attempts = "2", backOff = @BackOff(delay = 1000))
	@KafkaListener(topics = "names.spring.two", groupId = "names.spring.two.group")
	void two(String value) {
	}

	@RetryableTopic(attempts = "2", backOff = @BackOff(delay = 1000),
			sameIntervalTopicReuseStrategy = SameIntervalTopicReuseStrategy.MULTIPLE_TOPICS)
	@KafkaListener(topics = "names.spring.two-multiple", groupId = "names.spring.two-multiple.group")
	void twoMultiple(String value) {
	}

	@RetryableTopic(attempts = "2", backOff = @BackOff(delay = 1000),
			topicSuffixingStrategy = TopicSuffixingStrategy.SUFFIX_WITH_INDEX_VALUE)
	@KafkaListener(topics = "names.spring.two-index", groupId = "names.spring.two-index.group")
	void twoIndex(String value) {
	}

	@RetryableTopic(attempts = "2", backOff = @BackOff(delay = 1000),
			topicSuffixingStrategy = TopicSuffixingStrategy.SUFFIX_WITH_INDEX_VALUE,
			sameIntervalTopicReuseStrategy = SameIntervalTopicReuseStrategy.MULTIPLE_TOPICS)
	@KafkaListener(topics = "names.spring.two-index-multiple", groupId = "names.spring.two-index-multiple.group")
	void twoIndexMultiple(String value) {
	}

	@RetryableTopic(attempts = "5", backOff = @BackOff(delay = 1000, multiplier = 2, maxDelay = 3000))
	@KafkaListener(topics = "names.spring.max", groupId = "names.spring.max.group")
	void max(String value) {
	}

	@RetryableTopic(attempts = "5", backOff = @BackOff(delay = 1000, multiplier = 2, maxDelay = 3000),
			sameIntervalTopicReuseStrategy = SameIntervalTopicReuseStrategy.MULTIPLE_TOPICS)
	@KafkaListener(topics = "names.spring.max-multiple", groupId = "names.spring.max-multiple.group")
	void maxMultiple(String value) {
	}

	@RetryableTopic(attempts = "5", backOff = @BackOff(delay = 1000, multiplier = 2, maxDelay = 3000),
			topicSuffixingStrategy = TopicSuffixingStrategy.SUFFIX_WITH_INDEX_VALUE)
	@KafkaListener(topics = "names.spring.max-index", groupId = "names.spring.max-index.group")
	void maxIndex(String value) {
	}

	@RetryableTopic(attempts = "5", backOff = @BackOff(delay = 1000, multiplier = 2, maxDelay = 3000),
			topicSuffixingStrategy = TopicSuffixingStrategy.SUFFIX_WITH_INDEX_VALUE,
			sameIntervalTopicReuseStrategy = SameIntervalTopicReuseStrategy.MULTIPLE_TOPICS)
	@KafkaListener(topics = "names.spring.max-index-multiple", groupId = "names.spring.max-index-multiple.group")
	void maxIndexMultiple(String value) {
	}

	@RetryableTopic(attempts = "1")
	@KafkaListener(topics = "names.spring.one", groupId = "names.spring.one.group")
	void one(String value) {
	}

	@RetryableTopic(attempts = "1",
			sameIntervalTopicReuseStrategy = SameIntervalTopicReuseStrategy.MULTIPLE_TOPICS)
	@KafkaListener(topics = "names.spring.one-multiple", groupId = "names.spring.one-multiple.group")
	void oneMultiple(String value) {
	}

	@RetryableTopic(attempts = "5", backOff = @BackOff(delay = 500, multiplier = 1.5))
	@KafkaListener(topics = "names.spring.fraction", groupId = "names.spring.fraction.group")
	void fraction(String value) {
	}

	@RetryableTopic(attempts = "5", backOff = @BackOff(delay = 1000, multiplier = 2), dltTopicSuffix = ".dlt")
	@KafkaListener(topics = "names.spring.dlt-suffix", groupId = "names.spring.dlt-suffix.group")
	void dltSuffix(String value) {
	}

	@RetryableTopic(attempts = "3", backOff = @BackOff(delay = 100, multiplier = 2), retryTopicSuffix = "-again")
	@KafkaListener(topics = "names.spring.retry-suffix", groupId = "names.spring.retry-suffix.group")
	void retrySuffix(String value) {
	}

	@RetryableTopic(attempts = "3", backOff = @BackOff(delay = 100, multiplier = 2), dltStrategy = DltStrategy.NO_DLT)
	@KafkaListener(topics = "names.spring.no-dlt", groupId = "names.spring.no-dlt.group")
	void noDlt(String value) {
	}

	@RetryableTopic(attempts = "2", backOff = @BackOff(delay = 100),
			exceptionBasedDltRouting = @ExceptionBasedDltDestination(suffix = "-validation",
					exceptions = IllegalArgumentException.class))
	@KafkaListener(topics = "names.spring.route", groupId = "names.spring.route.group")
	void route(String value) {
	}

	@RetryableTopic(attempts = "2", backOff = @BackOff(delay = 100))
	@KafkaListener(topics = { "names.spring.first", "names.spring.second" }, groupId = "names.spring.several.group")
	void several(String value) {
	}

}
