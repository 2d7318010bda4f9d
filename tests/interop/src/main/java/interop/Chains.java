package interop;

import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.kafka.annotation.BackOff;
import org.springframework.kafka.annotation.KafkaListener;
import org.springframework.kafka.annotation.RetryableTopic;
import org.springframework.kafka.retrytopic.ExceptionBasedDltDestination;
import org.springframework.kafka.retrytopic.RetryTopicHeaders;
import org.springframework.kafka.retrytopic.SameIntervalTopicReuseStrategy;
import org.springframework.kafka.retrytopic.TopicSuffixingStrategy;
import org.springframework.messaging.handler.annotation.Header;

/** Chains that both sides read, two of each kind: the records of one begin here, those of the other there. */
@Configuration
class Chains {

	static class Delayed extends Chain {

		Delayed(Wire wire, String... topics) {
			super(wire, topics);
		}

		@RetryableTopic(attempts = "5", backOff = @BackOff(delay = 200, multiplier = 2), numPartitions = "2")
		@KafkaListener(topics = "#{__listener.topics}", groupId = "#{__listener.group}")
		void on(ConsumerRecord<String, String> record,
				@Header(name = RetryTopicHeaders.DEFAULT_HEADER_ATTEMPTS, required = false) Integer attempt) {
			handle(record, attempt);
		}

	}

	static class Indexed extends Chain {

		Indexed(Wire wire, String... topics) {
			super(wire, topics);
		}

		@RetryableTopic(attempts = "5", backOff = @BackOff(delay = 200, multiplier = 2), numPartitions = "2",
				topicSuffixingStrategy = TopicSuffixingStrategy.SUFFIX_WITH_INDEX_VALUE)
		@KafkaListener(topics = "#{__listener.topics}", groupId = "#{__listener.group}")
		void on(ConsumerRecord<String, String> record,
				@Header(name = RetryTopicHeaders.DEFAULT_HEADER_ATTEMPTS, required = false) Integer attempt) {
			handle(record, attempt);
		}

	}

	static class Multiple extends Chain {

		Multiple(Wire wire, String... topics) {
			super(wire, topics);
		}

		@RetryableTopic(attempts = "5", backOff = @BackOff(delay = 300), numPartitions = "2",
				sameIntervalTopicReuseStrategy = SameIntervalTopicReuseStrategy.MULTIPLE_TOPICS)
		@KafkaListener(topics = "#{__listener.topics}", groupId = "#{__listener.group}")
		void on(ConsumerRecord<String, String> record,
				@Header(name = RetryTopicHeaders.DEFAULT_HEADER_ATTEMPTS, required = false) Integer attempt) {
			handle(record, attempt);
		}

	}

	static class Single extends Chain {

		Single(Wire wire, String... topics) {
			super(wire, topics);
		}

		@RetryableTopic(attempts = "5", backOff = @BackOff(delay = 300), numPartitions = "2")
		@KafkaListener(topics = "#{__listener.topics}", groupId = "#{__listener.group}")
		void on(ConsumerRecord<String, String> record,
				@Header(name = RetryTopicHeaders.DEFAULT_HEADER_ATTEMPTS, required = false) Integer attempt) {
			handle(record, attempt);
		}

	}

	static class Twice extends Chain {

		Twice(Wire wire, String... topics) {
			super(wire, topics);
		}

		@RetryableTopic(attempts = "2", backOff = @BackOff(delay = 300), numPartitions = "2")
		@KafkaListener(topics = "#{__listener.topics}", groupId = "#{__listener.group}")
		void on(ConsumerRecord<String, String> record,
				@Header(name = RetryTopicHeaders.DEFAULT_HEADER_ATTEMPTS, required = false) Integer attempt) {
			handle(record, attempt);
		}

	}

	static class Once extends Chain {

		Once(Wire wire, String... topics) {
			super(wire, topics);
		}

		@RetryableTopic(attempts = "1", numPartitions = "2")
		@KafkaListener(topics = "#{__listener.topics}", groupId = "#{__listener.group}")
		void on(ConsumerRecord<String, String> record,
				@Header(name = RetryTopicHeaders.DEFAULT_HEADER_ATTEMPTS, required = false) Integer attempt) {
			handle(record, attempt);
		}

	}

	static class Routed extends Chain {

		Routed(Wire wire, String... topics) {
			super(wire, topics);
		}

		@RetryableTopic(attempts = "5", backOff = @BackOff(delay = 200, multiplier = 2), numPartitions = "2",
				exclude = Refused.class, exceptionBasedDltRouting = @ExceptionBasedDltDestination(suffix = "-validation",
						exceptions = { Invalid.class, Refused.class }))
		@KafkaListener(topics = "#{__listener.topics}", groupId = "#{__listener.group}")
		void on(ConsumerRecord<String, String> record,
				@Header(name = RetryTopicHeaders.DEFAULT_HEADER_ATTEMPTS, required = false) Integer attempt) {
			handle(record, attempt);
		}

	}

	@Bean
	Routed routedSpring(Wire wire) {
		return new Routed(wire, "routed.spring");
	}

	@Bean
	Routed routedOurs(Wire wire) {
		return new Routed(wire, "routed.ours");
	}

	@Bean
	Twice twiceSpring(Wire wire) {
		return new Twice(wire, "twice.spring");
	}

	@Bean
	Twice twiceOurs(Wire wire) {
		return new Twice(wire, "twice.ours");
	}

	/** Its dead letters alone are for Spring. */
	@Bean
	Twice requiredOurs(Wire wire) {
		return new Twice(wire, "required.ours");
	}

	@Bean
	Once onceSpring(Wire wire) {
		return new Once(wire, "once.spring");
	}

	@Bean
	Once onceOurs(Wire wire) {
		return new Once(wire, "once.ours");
	}

	@Bean
	Delayed compared(Wire wire) {
		return new Delayed(wire, "compared.spring");
	}

	@Bean
	Delayed delayedSpring(Wire wire) {
		return new Delayed(wire, "delayed.spring");
	}

	@Bean
	Delayed delayedOurs(Wire wire) {
		return new Delayed(wire, "delayed.ours");
	}

	@Bean
	Indexed indexedSpring(Wire wire) {
		return new Indexed(wire, "indexed.spring");
	}

	@Bean
	Indexed indexedOurs(Wire wire) {
		return new Indexed(wire, "indexed.ours");
	}

	@Bean
	Multiple multipleSpring(Wire wire) {
		return new Multiple(wire, "multiple.spring");
	}

	@Bean
	Multiple multipleOurs(Wire wire) {
		return new Multiple(wire, "multiple.ours");
	}

	@Bean
	Single singleSpring(Wire wire) {
		return new Single(wire, "single.spring");
	}

	@Bean
	Single singleOurs(Wire wire) {
		return new Single(wire, "single.ours");
	}

	@Bean
	Delayed pairSpring(Wire wire) {
		return new Delayed(wire, "pair.spring", "pair.spring.second");
	}

	@Bean
	Delayed pairOurs(Wire wire) {
		return new Delayed(wire, "pair.ours", "pair.ours.second");
	}

	@Bean
	Routed forgedSpring(Wire wire) {
		return new Routed(wire, "forged.spring");
	}

	@Bean
	Routed forgedOurs(Wire wire) {
		return new Routed(wire, "forged.ours");
	}

}
