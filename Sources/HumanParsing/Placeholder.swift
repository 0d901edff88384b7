// HumanParsing
