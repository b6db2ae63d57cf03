"""What the WeCom and WeChat channels share: envelope, XML, guards, access token, calls."""
